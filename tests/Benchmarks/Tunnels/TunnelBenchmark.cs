using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ComputeShare.Contracts.Inference;
using Grpc.Core;

namespace ComputeShare.Benchmarks.Tunnels;

/// <summary>What a token costs over a tunnel beside one over a direct connection: the same two processes, in alternating rounds.</summary>
internal sealed class TunnelBenchmark : IBenchmark
{
    private const int Rounds = 5;
    private const int FirstTokens = 300;
    private static readonly int[] StreamCounts = [32, 256];
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    public string Name => "tunnel";

    public string Description => "processor time per token over a node's tunnel beside a direct connection, gateway and node together";

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        await using var gateway = await GatewayHalf.StartAsync();
        await using var node = NodeHalf.Start(gateway.Address);
        var tunnelled = await gateway.TunnelledAsync(StartLimit);
        var direct = GatewayHalf.Direct(node.Direct);
        var figures = new JsonObject();
        await table.WriteLineAsync("streams  tokens/s  direct us/token (gateway + node)  tunnel us/token (gateway + node)  ratio");
        foreach (var streams in StreamCounts)
        {
            var rounds = new List<(Cost Direct, Cost Tunnel)>();
            await MeasureAsync(direct, node, streams);
            await MeasureAsync(tunnelled, node, streams);
            for (var round = 0; round < Rounds; round++)
            {
                rounds.Add((await MeasureAsync(direct, node, streams), await MeasureAsync(tunnelled, node, streams)));
            }

            var ratio = Median.Of(rounds.Select(round => round.Tunnel.Both / round.Direct.Both));
            figures[string.Create(CultureInfo.InvariantCulture, $"cpu_ratio_{streams}")] = Math.Round(ratio, 3);
            await table.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{streams,7}  {Median.Of(rounds.Select(round => round.Tunnel.PerSecond)),8:N0}  {Shown(rounds.Select(round => round.Direct)),32}  {Shown(rounds.Select(round => round.Tunnel)),32}  {ratio,5:0.00}"));
        }

        var (directTtft, tunnelTtft) = await MeasureFirstTokensAsync(direct, tunnelled);
        figures["ttft_added_ms"] = Math.Round(tunnelTtft - directTtft, 3);
        await table.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"first token, one stream at a time, median: direct {directTtft:0.000} ms, tunnel {tunnelTtft:0.000} ms"));
        return figures;
    }

    private static string Shown(IEnumerable<Cost> costs)
    {
        var list = costs.ToArray();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Median.Of(list.Select(cost => cost.Both)):0.0} ({Median.Of(list.Select(cost => cost.Gateway)):0.0} + {Median.Of(list.Select(cost => cost.Node)):0.0})");
    }

    private static async Task<Cost> MeasureAsync(Inference.InferenceClient client, NodeHalf node, int streams)
    {
        using var stop = new CancellationTokenSource();
        var tokens = new long[streams];
        var reading = Enumerable.Range(0, streams).Select(index => ReadAsync(client, tokens, index, stop.Token)).ToArray();
        await Task.Delay(Settling, TimeProvider.System);
        var (before, own, its, started) = (tokens.Sum(), OwnTime(), node.ProcessorTime, Stopwatch.GetTimestamp());
        await Task.Delay(Window, TimeProvider.System);
        var (count, gatewayTime, nodeTime, took) = (tokens.Sum() - before, OwnTime() - own, node.ProcessorTime - its, Stopwatch.GetElapsedTime(started));
        await stop.CancelAsync();
        await Task.WhenAll(reading);
        return new Cost(gatewayTime.TotalMicroseconds / count, nodeTime.TotalMicroseconds / count, count / took.TotalSeconds);
    }

    private static async Task ReadAsync(Inference.InferenceClient client, long[] tokens, int index, CancellationToken stop)
    {
        try
        {
            using var call = client.Generate(new GenerateRequest { MaxTokens = uint.MaxValue }, cancellationToken: stop);
            while (await call.ResponseStream.MoveNext(stop))
            {
                tokens[index]++;
            }
        }
        catch (Exception end) when (stop.IsCancellationRequested && end is RpcException or OperationCanceledException)
        {
            // The window is over.
        }
    }

    /// <summary>Milliseconds, the median of calls that take turns.</summary>
    private static async Task<(double Direct, double Tunnel)> MeasureFirstTokensAsync(Inference.InferenceClient direct, Inference.InferenceClient tunnelled)
    {
        var (ofDirect, ofTunnel) = (new List<double>(), new List<double>());
        for (var call = 0; call < FirstTokens; call++)
        {
            ofDirect.Add(await FirstTokenAsync(direct));
            ofTunnel.Add(await FirstTokenAsync(tunnelled));
        }

        return (Median.Of(ofDirect), Median.Of(ofTunnel));
    }

    private static async Task<double> FirstTokenAsync(Inference.InferenceClient client)
    {
        var started = Stopwatch.GetTimestamp();
        using var call = client.Generate(new GenerateRequest { MaxTokens = 1 });
        await call.ResponseStream.MoveNext(CancellationToken.None);
        var took = Stopwatch.GetElapsedTime(started);
        // To its end, so that the next call does not meet a reset of this one.
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
        }

        return took.TotalMilliseconds;
    }

    private static TimeSpan OwnTime()
    {
        using var own = Process.GetCurrentProcess();
        return own.TotalProcessorTime;
    }

    /// <summary>Microseconds per token.</summary>
    private sealed record Cost(double Gateway, double Node, double PerSecond)
    {
        public double Both => Gateway + Node;
    }
}
