using System.Diagnostics;
using System.Globalization;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>One workload on all peers, in rounds that take turns.</summary>
/// <param name="warm">How long each peer is asked before the first round, and the product for streams three times as long: until what is hot is compiled for good.</param>
internal sealed class Comparison(Upstream engine, YarpPeer yarp, YarpPeer tuned, Product product, TimeSpan warm, TextWriter table)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <param name="workload">What is asked.</param>
    /// <param name="rounds">Each of all peers.</param>
    /// <param name="alsoTwo">Two gateways that share the load are a peer.</param>
    /// <param name="alsoDirect">The engine itself is one: what its first tokens take is the least.</param>
    public async Task<WorkloadFigures> RunAsync(Workload workload, int rounds, bool alsoTwo = false, bool alsoDirect = false)
    {
        var figures = new WorkloadFigures(workload);
        var peers = new List<(Peer Peer, List<Cost> Costs, List<TimeSpan> FirstTokens)>
        {
            (new Peer("YARP", [yarp.Address], () => yarp.ProcessorTime), figures.Yarp, figures.YarpFirst),
            (new Peer("YARP, tuned", [tuned.Address], () => tuned.ProcessorTime), figures.Tuned, []),
            (new Peer("ComputeShare", [product.Gateways[0]], () => product.GatewayTime(1)), figures.One, figures.OneFirst),
        };
        if (!workload.IsStream)
        {
            // What a rarer request costs more, it costs a proxy too, and so does each of two that share the load.
            AddYarp("YARP, as rarely", () => figures.One[^1].PerSecond, figures.YarpRare);
            AddYarp("YARP, half of it", () => figures.One[^1].PerSecond / 2, figures.YarpHalf);
            foreach (var (perSecond, costs) in figures.YarpByRate)
            {
                AddYarp(string.Create(CultureInfo.InvariantCulture, $"YARP, {perSecond:N0}/s"), () => perSecond, costs);
            }
        }

        if (alsoTwo)
        {
            peers.Add((new Peer("two gateways", product.Gateways, () => product.GatewayTime(2)), figures.Two, []));
        }

        if (alsoDirect)
        {
            peers.Add((new Peer("engine itself", [engine.Address], engine.Time), figures.Direct, figures.DirectFirst));
        }

        foreach (var (peer, _, _) in peers.Where(peer => peer.Peer.Rate is null))
        {
            // What a stream needs behind the gateway is asked for a few times a second: .NET compiles it for good minutes later.
            await MeasureAsync(workload, peer, workload.IsStream && peer.Servers.Contains(product.Gateways[0]) ? 3 * warm : warm, TimeSpan.Zero);
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var (peer, costs, firstTokens) in peers)
            {
                var period = peer.Rate is { } rate ? TimeSpan.FromSeconds(workload.Consumers / rate()) : TimeSpan.Zero;
                var (cost, first) = await MeasureAsync(workload, peer, Window, period);
                costs.Add(cost);
                firstTokens.AddRange(first);
            }
        }

        await table.WriteLineAsync($"{workload.Name}: CPU µs per {workload.Unit}, medians of {rounds} rounds");
        foreach (var (peer, costs, firstTokens) in peers)
        {
            await table.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"  {peer.Name,-16} {Of(costs, cost => cost.Gateway),7:0.0} at {Of(costs, cost => cost.PerSecond),8:N0}/s  node {Of(costs, cost => cost.Node),6:0.0}  backend {Of(costs, cost => cost.Backend),6:0.0}  load generator {Of(costs, cost => cost.LoadShare),4:P0}  first token p50 {WorkloadFigures.Percentile(firstTokens, 0.5):0.00} ms, p99 {WorkloadFigures.Percentile(firstTokens, 0.99):0.00} ms"));
        }

        return figures;

        void AddYarp(string name, Func<double> rate, List<Cost> costs) =>
            peers.Add((new Peer(name, [yarp.Address], () => yarp.ProcessorTime) { Rate = rate }, costs, []));

        static double Of(List<Cost> costs, Func<Cost, double> of) => Median.Of(costs.Select(of));
    }

    private async Task<(Cost Cost, IReadOnlyList<TimeSpan> FirstTokens)> MeasureAsync(Workload workload, Peer peer, TimeSpan window, TimeSpan period)
    {
        var requests = Enumerable.Range(0, workload.Consumers)
            .Select(consumer => peer.Servers[consumer % peer.Servers.Count])
            .Select(server => (server, Request(workload, server)))
            .ToArray();
        var load = new Load(requests, workload.AnswerTime + period, period);
        await Task.Delay(workload.AnswerTime + TimeSpan.FromSeconds(2), TimeProvider.System);
        var (arrived, times, started) = (load.Arrived, Times(peer), Stopwatch.GetTimestamp());
        await Task.Delay(window, TimeProvider.System);
        var (count, spent, took) = (load.Arrived - arrived, Times(peer).Zip(times, (after, before) => after - before).ToArray(), Stopwatch.GetElapsedTime(started));
        await load.StopAsync();
        if (count == 0 || load.FirstTokens.Count == 0)
        {
            throw new InvalidOperationException($"{peer.Name} is too slow for a window of {window.TotalSeconds:0} s: ask for fewer tokens.");
        }

        return (
            new Cost(count / took.TotalSeconds, spent[0].TotalMicroseconds / count, spent[1].TotalMicroseconds / count, spent[2].TotalMicroseconds / count, spent[3] / took),
            load.FirstTokens);
    }

    private LoadRequest Request(Workload workload, Uri server)
    {
        var model = engine.Model is not null && product.Gateways.Contains(server) ? "auto" : engine.Model;
        return LoadRequest.Of(server, product.Key, workload.Tokens, workload.IsStream, model: model);
    }

    private TimeSpan[] Times(Peer peer)
    {
        using var own = Process.GetCurrentProcess();
        return [peer.Time(), product.NodeTime, product.SchedulerTime + product.BillingTime, own.TotalProcessorTime];
    }

    private sealed record Peer(string Name, IReadOnlyList<Uri> Servers, Func<TimeSpan> Time)
    {
        /// <summary>So many requests a second, spread as evenly as a timer of a millisecond can; null: as many as it can.</summary>
        public Func<double>? Rate { get; init; }
    }
}
