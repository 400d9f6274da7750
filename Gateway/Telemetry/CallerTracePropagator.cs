using System.Diagnostics;

namespace ComputeShare.Gateway.Telemetry;

/// <summary>
/// Outside development a caller's <c>traceparent</c> is not our parent: a stranger could join traces, or switch sampling on. It is linked
/// instead (<see cref="TelemetryExtensions.UseCallerTraceLinks"/>).
/// </summary>
internal sealed class CallerTracePropagator : DistributedContextPropagator
{
    private readonly DistributedContextPropagator _inner = CreateDefaultPropagator();

    public override IReadOnlyCollection<string> Fields => _inner.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) => _inner.Inject(activity, carrier, setter);

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        traceId = traceState = null;

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
