using System.Diagnostics;
using System.Diagnostics.Metrics;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Telemetry;

/// <summary>What Billing measures. Never an account's amounts: metrics are read by more people than the ledger is.</summary>
internal sealed class BillingTelemetry : IDisposable
{
    public const string Name = "ComputeShare.Billing";
    public const string RequestIdTag = "computeshare.request.id";
    private const string OutcomeTag = "outcome";
    private const string LaneTag = "lane";

    private readonly Meter _meter;
    private readonly Counter<long> _holds;
    private readonly Counter<long> _settlements;
    private readonly Counter<long> _amount;
    private readonly Counter<long> _loss;
    private readonly Counter<long> _reaped;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _batchDuration;
    private readonly Counter<long> _countsFound;
    private readonly Counter<long> _probesFound;
    private long _auditDifferences;

    public BillingTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _holds = _meter.CreateCounter<long>("computeshare.billing.holds", "{command}", "Holds by outcome.");
        _settlements = _meter.CreateCounter<long>("computeshare.billing.settlements", "{command}", "Settlements by outcome.");
        _amount = _meter.CreateCounter<long>("computeshare.billing.amount", "nUSD", "Nano-dollars that consumers paid, all together.");
        _loss = _meter.CreateCounter<long>("computeshare.billing.loss", "nUSD", "Nano-dollars that the platform paid for lost holds.");
        _reaped = _meter.CreateCounter<long>("computeshare.billing.reaped", "{hold}", "Holds that no gateway ended.");
        _countsFound = _meter.CreateCounter<long>(
            "computeshare.billing.counts.found", "{node}", "Nodes whose own token counts were found too high, each time; outcome `barred`: once too often.");
        _probesFound = _meter.CreateCounter<long>(
            "computeshare.billing.probes.found", "{node}", "Nodes that probes were against, each time; outcome `barred`: once too often.");
        _batchSize = _meter.CreateHistogram<int>("computeshare.billing.batch.size", "{command}", "Commands that shared a transaction.");
        _batchDuration = _meter.CreateHistogram<double>("computeshare.billing.batch.duration", "s", "Time of a group, commit included.");
        _meter.CreateObservableGauge(
            "computeshare.billing.audit.differences",
            () => Volatile.Read(ref _auditDifferences),
            "{difference}",
            "What the last audit found wrong; anything but 0 is an alarm.");
    }

    public ActivitySource Spans { get; } = new(Name);

    public void Held(string outcome) => _holds.Add(1, new KeyValuePair<string, object?>(OutcomeTag, outcome));

    public void Settled(string outcome) => _settlements.Add(1, new KeyValuePair<string, object?>(OutcomeTag, outcome));

    public void Charged(Money paid, Money lost)
    {
        _amount.Add(paid.NanoDollars);
        if (lost > Money.Zero)
        {
            _loss.Add(lost.NanoDollars);
        }
    }

    public void CountsFound(string outcome) => _countsFound.Add(1, new KeyValuePair<string, object?>(OutcomeTag, outcome));

    public void ProbesFound(string outcome) => _probesFound.Add(1, new KeyValuePair<string, object?>(OutcomeTag, outcome));

    public void Reaped(string outcome) => _reaped.Add(1, new KeyValuePair<string, object?>(OutcomeTag, outcome));

    public void Batch(string lane, int size, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>(LaneTag, lane);
        _batchSize.Record(size, tag);
        _batchDuration.Record(duration.TotalSeconds, tag);
    }

    public void Audited(long differences) => Volatile.Write(ref _auditDifferences, differences);

    public void Dispose()
    {
        Spans.Dispose();
        _meter.Dispose();
    }
}
