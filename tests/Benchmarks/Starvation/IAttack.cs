namespace ComputeShare.Benchmarks.Starvation;

/// <summary>One way to take more of a gateway than one pays for.</summary>
internal interface IAttack
{
    string Name { get; }

    /// <summary>How long it is kept up.</summary>
    TimeSpan Length { get; }

    /// <summary>Goes on until it is stopped; what it has opened is closed then.</summary>
    Task<Reach> RunAsync(CancellationToken stop);
}
