namespace ComputeShare.Benchmarks.Gateways;

/// <summary>What is asked of every peer alike.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Consumers">Connections, each with one request at a time.</param>
/// <param name="Tokens">Of each answer.</param>
/// <param name="IsStream">Paced streams, or whole answers at once.</param>
internal sealed record Workload(string Name, int Consumers, int Tokens, bool IsStream)
{
    /// <summary>What a cost is told per.</summary>
    public string Unit => IsStream ? "token" : "request";

    /// <summary>How long one answer takes, at best.</summary>
    public TimeSpan AnswerTime => IsStream ? PacedEngine.Pace * Tokens : TimeSpan.Zero;
}
