namespace ComputeShare.Benchmarks.Simulation;

/// <summary>Stands still until the simulator moves it.</summary>
internal sealed class VirtualClock : TimeProvider
{
    public double Seconds { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => (long)(Seconds * TimeSpan.TicksPerSecond);
}
