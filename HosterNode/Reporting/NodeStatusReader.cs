using ComputeShare.Contracts;
using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Gpus;
using ComputeShare.HosterNode.Membership;
using ComputeShare.HosterNode.Owner;
using ComputeShare.HosterNode.Slots;
using ComputeShare.HosterNode.Watching;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Reporting;

/// <summary>Puts together what the node's owner is shown.</summary>
internal sealed class NodeStatusReader(
    IInferenceEngine engine,
    SlotTable slots,
    NodeTraffic traffic,
    MeasuredSpeeds speeds,
    GpuMonitor gpus,
    GatewayWatches watches,
    NodeControl control,
    OwnerFirst owner,
    EarningsMonitor earnings,
    IOptions<NodeOptions> options,
    TimeProvider clock)
{
    public async ValueTask<NodeStatus> ReadAsync(CancellationToken cancellationToken)
    {
        var description = await engine.DescribeAsync(cancellationToken);
        var (uses, figures, gateways) = (slots.Read(), traffic.Read(), watches.Gateways);
        var offered = Math.Min(slots.Offered, description.MaxSlots ?? slots.Offered);
        return new NodeStatus(
            options.Value.Id,
            uses.Draining ? NodeStateName.Draining : StateName(description, gateways, offered),
            gateways,
            description.Engine,
            description.Version,
            [.. description.Models.Select(Read)],
            new SlotStatus(Math.Min(slots.Total, description.MaxSlots ?? slots.Total), offered, uses.Taken, owner.Local),
            new TrafficStatus(
                figures.Uptime.TotalSeconds, uses.LeaseIds.Count, figures.Finished, figures.Failed, figures.Tokens, figures.TokensPerSecond),
            [.. gpus.Current.Select(Read)],
            control.Schedule.ToString(),
            clock.LocalTimeZone.Id,
            earnings.Current);
    }

    private string StateName(EngineDescription description, IReadOnlyList<string> gateways, int offered) => control.State switch
    {
        ControlState.Paused => NodeStateName.Paused,
        ControlState.OutsideSchedule => NodeStateName.OutsideSchedule,
        _ when description.Models.Count == 0 => NodeStateName.EngineAway,
        _ when gateways.Count == 0 => NodeStateName.NotJoined,
        _ when offered == 0 => NodeStateName.OwnerFirst,
        _ => NodeStateName.Serving,
    };

    private ModelStatus Read(EngineModel model)
    {
        var (prices, speed) = (options.Value.PricesOf(model.LocalName), speeds.Of(model.LocalName));
        return new ModelStatus(
            model.LocalName, model.ContextLength, Dollars(prices.Input), Dollars(prices.CachedInput), Dollars(prices.Output), speed.TtftMs, speed.TokensPerSecond);
    }

    private static decimal Dollars(long nano) => (decimal)nano / Money.NanoDollarsPerDollar;

    private static GpuStatus Read(GpuReading gpu) =>
        new(gpu.Name, gpu.Driver, gpu.ComputeCapability, gpu.MemoryBytes, gpu.MemoryUsedBytes, gpu.Utilization, gpu.TemperatureCelsius, gpu.PowerWatts);
}
