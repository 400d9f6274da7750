namespace ComputeShare.TestSupport.Crashes;

/// <summary>One kill that happened.</summary>
/// <param name="Streaming">All requests that were under way then were streamed; else none was.</param>
/// <param name="Replica">Null: PostgreSQL.</param>
internal sealed record Crash(CrashPoint Point, bool Streaming, Replicas.Replica? Replica, DateTimeOffset At);
