using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ComputeShare.Benchmarks.Gateways;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Starvation;

/// <summary>Attacks that cost little, one after the other, beside somebody who just wants answers.</summary>
internal sealed class StarveBenchmark : IBenchmark
{
    private const int Nodes = 2;
    private const double Megabyte = 1024 * 1024;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public string Name => "starve";

    public string Description => "idle connections, slow headers and bodies, deaf readers, a flood, a trickling node: what a well-behaved key notices";

    /// <param name="Held">Connections at their most, or requests.</param>
    /// <param name="Cores">That the attack itself cost.</param>
    private sealed record Row(
        string Name, int Held, (TimeSpan P50, TimeSpan P99, int Failed, int Count) Quiet, (TimeSpan P50, TimeSpan P99, int Failed, int Count) Under,
        (TimeSpan P50, TimeSpan P99, int Failed, int Count) After, long MemoryBefore, long MemoryMost, long MemoryAfter, double Cores);

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        await using var engine = await PacedEngine.StartAsync();
        await using var trickle = await TricklingEngine.StartAsync();
        await using var cluster = new Cluster(Shape(engine.Address, trickle.Address));
        await cluster.InitializeAsync();
        var (good, bad) = ((await cluster.OpenAccountAsync("good"))[0], (await cluster.OpenAccountAsync("bad"))[0]);
        var flooder = (await cluster.OpenAccountAsync("flooder", "--requests-per-minute", "60"))[0];
        var gateway = cluster.Clients[0].Gateway;
        var customer = new GoodCustomer(good);
        // The first answers compile.
        await Task.Delay(Quiet, TimeProvider.System);

        var rows = new List<Row>();
        foreach (var attack in Attacks(gateway, bad.Key, flooder.Key).Append(trickle))
        {
            rows.Add(await TryAsync(attack, customer, cluster.Gateways[0]));
            await table.WriteLineAsync(Text(rows[^1]));
        }

        await customer.StopAsync();
        await cluster.Books.WaitUntilClosedAsync(CancellationToken.None);
        foreach (var failure in customer.Failures)
        {
            await table.WriteLineAsync($"failed: {failure}");
        }

        foreach (var client in new[] { good, bad, flooder })
        {
            client.Dispose();
        }

        await BenchmarkPage.WriteAsync(Name, Report(rows));
        return new JsonObject
        {
            ["failed"] = rows.Sum(row => row.Under.Failed + row.After.Failed),
            ["attacks"] = new JsonArray([.. rows.Select(row => new JsonObject
            {
                ["name"] = row.Name,
                ["p99_ms"] = Math.Round(row.Under.P99.TotalMilliseconds),
                ["p99_ms_quiet"] = Math.Round(row.Quiet.P99.TotalMilliseconds),
                ["failed"] = row.Under.Failed,
            })]),
        };
    }

    private static IEnumerable<IAttack> Attacks(Uri gateway, string bad, string flooder)
    {
        var dialogue = Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {bad}\r\nContent-Type: application/json\r\n");
        byte[] body = [.. dialogue, .. "Content-Length: 1000000\r\n\r\n{"u8];
        yield return new Connections("10,000 idle connections", gateway, 10_000, [], [], null, perSecond: 1000, Length);
        yield return new Connections("1,000 slow headers, a byte in 2 s each", gateway, 1000, [.. dialogue, .. "X: "u8], "x"u8.ToArray(), TimeSpan.FromSeconds(2), 200, Length);
        yield return new Connections("1,000 slow bodies, a byte in 2 s each", gateway, 1000, body, " "u8.ToArray(), TimeSpan.FromSeconds(2), 200, Length);
        // Longer than the sockets' buffers and the response's together.
        var deaf = LoadRequest.Of(gateway, bad, tokens: 900, stream: true);
        yield return new Connections("1,000 readers that never read", gateway, 1000, deaf.Bytes, [], null, perSecond: 25, Length * 2.5);
        yield return new Flood(gateway, LoadRequest.Of(gateway, flooder, tokens: 1, stream: false), 1000, Length);
    }

    private static async Task<Row> TryAsync(IAttack attack, GoodCustomer customer, Replica gateway)
    {
        var start = Stopwatch.GetTimestamp();
        var (before, quietCost) = (gateway.ResidentBytes, Environment.CpuUsage.TotalTime);
        await Task.Delay(Quiet, TimeProvider.System);
        var quiet = customer.Since(start);
        quietCost = Environment.CpuUsage.TotalTime - quietCost;

        using var stop = new CancellationTokenSource();
        start = Stopwatch.GetTimestamp();
        var cost = Environment.CpuUsage.TotalTime;
        var attacking = attack.RunAsync(stop.Token);
        var most = before;
        while (Stopwatch.GetElapsedTime(start) < attack.Length)
        {
            await Task.WhenAny(attacking, Task.Delay(Look, TimeProvider.System));
            most = Math.Max(most, gateway.ResidentBytes);
        }

        var under = customer.Since(start);
        var elapsed = Stopwatch.GetElapsedTime(start);
        var cores = ((Environment.CpuUsage.TotalTime - cost) / elapsed) - (quietCost / Quiet);
        await stop.CancelAsync();
        var held = await attacking;

        await Task.Delay(Recovery, TimeProvider.System);
        start = Stopwatch.GetTimestamp();
        await Task.Delay(Quiet, TimeProvider.System);
        return new Row(attack.Name, held, quiet, under, customer.Since(start), before, most, gateway.ResidentBytes, Math.Max(cores, 0));
    }

    private static ClusterShape Shape(Uri engine, Uri trickle)
    {
        var quiet = new Dictionary<string, string> { ["Logging__LogLevel__Default"] = "Warning" };
        return new ClusterShape
        {
            IsTraced = false,
            IsProduction = true,
            Gateways = 1,
            Schedulers = 1,
            Billings = 1,
            Nodes = Nodes + 1,
            StartTogether = 3,
            GatewaySettings = new Dictionary<string, string>(quiet) { ["Scheduling__RenewEvery"] = "00:00:05" },
            // As shipped, not as the tests' impatient cluster has it.
            SchedulerSettings = new Dictionary<string, string>(quiet)
            {
                ["Leases__Life"] = "00:00:15",
                ["CoolDowns__First"] = "00:00:01",
                ["CoolDowns__Longest"] = "00:02:00",
                ["Scores__Errors"] = "1000",
                ["Scores__TtftPerDoubling"] = "30",
                ["Scores__ThroughputPerDoubling"] = "50",
            },
            BillingSettings = new Dictionary<string, string>(quiet) { ["Holds__Expiry"] = "00:10:00", ["Holds__ReapInterval"] = "00:00:30" },
            NodeSettings = number => new Dictionary<string, string>(quiet)
            {
                ["Node__Transport"] = "tunnel",
                ["Node__Slots"] = "1024",
                // All cost the same: only what they show tells them apart.
                ["Node__Prices__Input"] = "50000000",
                ["Node__Prices__CachedInput"] = "5000000",
                ["Node__Prices__Output"] = "200000000",
                ["Engine__Url"] = (number > Nodes ? trickle : engine).ToString(),
                ["Engine__ContextLength"] = "1024",
                // What the cluster's own first request asks for.
                ["Engine__Capabilities__0"] = "logprobs",
                ["Engine__Capabilities__1"] = "min_tokens",
                ["Engine__Capabilities__2"] = "seed",
            },
        };
    }

    private static IEnumerable<string> Report(IReadOnlyList<Row> rows)
    {
        yield return "| attack | reached | p99 quiet, ms | under attack | after | failed of asked | gateway, MiB: before, most, after | cost it, cores |";
        yield return "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";
        foreach (var row in rows)
        {
            yield return Text(row);
        }
    }

    private static string Text(Row row) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {row.Name} | {row.Held:N0} | {row.Quiet.P99.TotalMilliseconds:N0} | {row.Under.P99.TotalMilliseconds:N0} | {row.After.P99.TotalMilliseconds:N0} | {row.Under.Failed} of {row.Under.Count:N0} | {row.MemoryBefore / Megabyte:0}, {row.MemoryMost / Megabyte:0}, {row.MemoryAfter / Megabyte:0} | {row.Cores:0.00} |");
}
