using System.Diagnostics;
using System.Diagnostics.Metrics;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Queueing;

namespace ComputeShare.Scheduler.Telemetry;

/// <summary>The scheduler's spans and measurements, and the names of their tags.</summary>
internal sealed class SchedulerTelemetry : IDisposable
{
    public const string RequestModel = "gen_ai.request.model";
    public const string ResponseModel = "gen_ai.response.model";
    public const string RequestId = "computeshare.request.id";
    public const string Node = "computeshare.node.id";
    public const string Outcome = "outcome";

    private const string Name = "ComputeShare.Scheduler";

    private readonly Histogram<double> _placement;
    private readonly Histogram<double> _wait;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _lostLeases;

    public SchedulerTelemetry(IMeterFactory meters, NodeRegistry registry, WaitingRoom room)
    {
        var meter = meters.Create(Name);
        _placement = meter.CreateHistogram<double>("computeshare.scheduler.placement.duration", "s", "From the question to the lease, without waiting.");
        _wait = meter.CreateHistogram<double>("computeshare.scheduler.queue.duration", "s", "Time in the waiting room.");
        _refusals = meter.CreateCounter<long>("computeshare.scheduler.refusals", "{request}", "Reserves that got no lease, by kind.");
        _attempts = meter.CreateCounter<long>("computeshare.scheduler.attempts", "{attempt}", "Released leases, by what the attempt showed of the node.");
        _lostLeases = meter.CreateCounter<long>("computeshare.scheduler.leases.lost", "{lease}", "Leases that were gone when they were renewed.");
        meter.CreateObservableGauge("computeshare.scheduler.nodes.live", () => registry.Index.Nodes.Count, "{node}", "Nodes this scheduler knows.");
        meter.CreateObservableGauge(
            "computeshare.scheduler.leases.active",
            () => registry.Index.Nodes.Values.Sum(node => (long)node.SlotView.Taken),
            "{slot}",
            "Slots taken on live nodes, as last heard.");
        meter.CreateObservableGauge("computeshare.scheduler.queue.length", () => room.Count, "{request}", "Requests waiting for a slot.");
    }

    public ActivitySource Spans { get; } = new(Name);

    public void Placed(TimeSpan duration, bool leased) => _placement.Record(duration.TotalSeconds, Tag(leased ? "leased" : "none"));

    public void Waited(TimeSpan duration, bool served) => _wait.Record(duration.TotalSeconds, Tag(served ? "served" : "left"));

    public void Refused(RefusalKind kind) => _refusals.Add(1, Tag(kind.ToString()));

    public void Reported(AttemptResult result, string modelId) =>
        _attempts.Add(1, Tag(result.ToString()), new KeyValuePair<string, object?>(ResponseModel, modelId));

    public void LeasesLost(int count) => _lostLeases.Add(count);

    public void Dispose() => Spans.Dispose();

    private static KeyValuePair<string, object?> Tag(string outcome) => new(Outcome, outcome);
}
