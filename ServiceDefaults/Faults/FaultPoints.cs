using System.Collections.Frozen;

namespace ComputeShare.ServiceDefaults.Faults;

/// <summary>
/// Places in the code where a test can make something happen: <c>await faults.ReachAsync("gateway.held", token)</c>. Without a test's
/// configuration a point does nothing and costs two null checks.
/// </summary>
public sealed class FaultPoints
{
    private readonly FrozenDictionary<string, Fault>? _faults;
    private readonly FaultFolder? _folder;
    private readonly TimeProvider _clock;

    internal FaultPoints(IEnumerable<Fault> faults, TimeProvider clock, FaultFolder? folder = null)
    {
        var byPoint = faults.ToFrozenDictionary(fault => fault.Point, StringComparer.OrdinalIgnoreCase);
        _faults = byPoint.Count == 0 ? null : byPoint;
        _folder = folder;
        _clock = clock;
    }

    /// <summary>Points without faults, for code under test that needs none.</summary>
    public static FaultPoints None { get; } = new([], TimeProvider.System);

    /// <exception cref="FaultException">The configuration asks for a failure here.</exception>
    public ValueTask ReachAsync(string point, CancellationToken cancellationToken) =>
        _faults is not null && _faults.TryGetValue(point, out var fault)
            ? fault.HappenAsync(_clock, cancellationToken)
            : _folder?.ReachAsync(point, _clock, cancellationToken) ?? ValueTask.CompletedTask;
}

/// <summary>Thrown where a test asked for a failure.</summary>
public sealed class FaultException(string point) : Exception($"Fault point {point}: failure asked for by configuration.");
