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
    private const int ShownFailures = 20;
    private const double Megabyte = 1024 * 1024;
    // What a single machine of a stranger may cost him: with more, load is no attack.
    private const double MostCores = 0.5;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FloodLength = TimeSpan.FromSeconds(15);
    // All are open after 10 s, and deaf, if ever, some seconds later; Streaming:SlowReader is 15 s.
    private static readonly TimeSpan DeafLength = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public string Name => "starve";

    public string Description => "idle connections, slow headers and bodies, deaf readers, floods, a trickling node: what a well-behaved key notices";

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        await using var engine = await PacedEngine.StartAsync();
        await using var trickle = await TricklingEngine.StartAsync();
        await using var cluster = new Cluster(Shape(engine.Address, trickle.Address));
        await cluster.InitializeAsync();
        var (good, bad) = ((await cluster.OpenAccountAsync("good"))[0], (await cluster.OpenAccountAsync("bad"))[0]);
        var flooder = (await cluster.OpenAccountAsync("flooder", "--requests-per-minute", "60"))[0];
        var customer = new GoodCustomer(good);
        // The first answers compile.
        await Task.Delay(Quiet, TimeProvider.System);

        var trials = new List<Trial>();
        var quiet = await PassAsync(Quiet, cluster.Gateways[0]);
        foreach (var attack in Attacks(cluster.Clients[0].Gateway, bad.Key, flooder.Key).Append(trickle))
        {
            trials.Add(await TryAsync(attack, quiet, cluster.Gateways[0]));
            quiet = trials[^1].After;
            await table.WriteLineAsync($"{attack.Name}: {trials[^1].Reach.Text}");
        }

        await customer.StopAsync();
        var rows = trials.Select(trial => Row.Of(trial, customer)).ToArray();
        foreach (var line in Report(rows))
        {
            await table.WriteLineAsync(line);
        }

        foreach (var failure in customer.Failures.Take(ShownFailures))
        {
            await table.WriteLineAsync($"failed: {failure}");
        }

        await cluster.Books.WaitUntilClosedAsync(CancellationToken.None);
        // Only the deaf readers are: what they saw of their end, the ledger confirms.
        var tooSlow = (await cluster.Books.AllAsync(CancellationToken.None)).Values.Count(bill => bill.Outcome == "client_too_slow");
        var booked = $"Requests that the ledger has as `client_too_slow`: {tooSlow:N0}.";
        await table.WriteLineAsync(booked);
        foreach (var client in new[] { good, bad, flooder })
        {
            client.Dispose();
        }

        await BenchmarkPage.WriteAsync(Name, [.. Report(rows), "", booked]);
        return new JsonObject
        {
            ["failed"] = rows.Sum(row => row.Asked.Failed),
            ["too_slow"] = tooSlow,
            ["attacks"] = new JsonArray([.. rows.Select(Figures)]),
        };
    }

    private static IEnumerable<IAttack> Attacks(Uri gateway, string bad, string flooder)
    {
        var between = TimeSpan.FromSeconds(2);
        var dialogue = Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {bad}\r\nContent-Type: application/json\r\n");
        byte[] body = [.. dialogue, .. "Content-Length: 1000000\r\n\r\n{"u8];
        yield return new Connections("10,000 idle connections", gateway, 10_000, [], [], between, perSecond: 1000, Length);
        yield return new Connections("1,000 slow headers, a byte in 2 s each", gateway, 1000, [.. dialogue, .. "X: "u8], "x"u8.ToArray(), between, 200, Length);
        yield return new Connections("1,000 slow bodies, a byte in 2 s each", gateway, 1000, body, " "u8.ToArray(), between, 200, Length);
        // 250 KB: more than a response keeps, and where the kernel gives a connection little, more than it takes.
        yield return new DeafReaders(gateway, LoadRequest.Of(gateway, bad, tokens: 1200, stream: true), 1000, perSecond: 100, DeafLength);
        yield return new Flood(
            "a key limited to 60 a minute, 1,000 requests a second", gateway, LoadRequest.Of(gateway, flooder, tokens: 1, stream: false), 1000, FloodLength);
        yield return new Flood(
            "a key without limits, 1,000 requests a second at most", gateway, LoadRequest.Of(gateway, bad, tokens: 1, stream: false), 1000, FloodLength);
    }

    /// <param name="quiet">Just before it.</param>
    private static async Task<Trial> TryAsync(IAttack attack, Stretch quiet, Replica gateway)
    {
        using var stop = new CancellationTokenSource();
        var passing = PassAsync(attack.Length, gateway);
        var attacking = attack.RunAsync(stop.Token);
        var under = await passing;
        await stop.CancelAsync();
        var reach = await attacking;

        await Task.Delay(Recovery, TimeProvider.System);
        return new Trial(attack.Name, reach, quiet, under, await PassAsync(Quiet, gateway));
    }

    private static async Task<Stretch> PassAsync(TimeSpan length, Replica gateway)
    {
        var (from, cost, most) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, gateway.ResidentBytes);
        while (Stopwatch.GetElapsedTime(from) < length)
        {
            await Task.Delay(Look, TimeProvider.System);
            most = Math.Max(most, gateway.ResidentBytes);
        }

        var to = Stopwatch.GetTimestamp();
        return new Stretch(from, to, (Environment.CpuUsage.TotalTime - cost) / Stopwatch.GetElapsedTime(from, to), most, gateway.ResidentBytes);
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
                // The one that trickles is the cheapest by far: nobody would be sent there else.
                ["Node__Prices__Input"] = number > Nodes ? "5000000" : "50000000",
                ["Node__Prices__CachedInput"] = number > Nodes ? "500000" : "5000000",
                ["Node__Prices__Output"] = number > Nodes ? "20000000" : "200000000",
                ["Engine__Url"] = (number > Nodes ? trickle : engine).ToString(),
                ["Engine__ContextLength"] = "2048",
                // What the cluster's own first request asks for.
                ["Engine__Capabilities__0"] = "logprobs",
                ["Engine__Capabilities__1"] = "min_tokens",
                ["Engine__Capabilities__2"] = "seed",
            },
        };
    }

    private static IEnumerable<string> Report(IReadOnlyList<Row> rows)
    {
        yield return "| attack | what it reached | p99 quiet, ms: streamed, whole | under attack | at most 100 ms above | after | recovered | failed of asked | gateway, MiB: before, most, after | attacker, cores | at most 0.5 |";
        yield return "| --- | --- | ---: | ---: | --- | ---: | --- | ---: | ---: | ---: | --- |";
        foreach (var row in rows)
        {
            yield return Text(row);
        }
    }

    private static string Text(Row row) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {row.Trial.Name} | {row.Trial.Reach.Text} | {Text(row.Quiet)} | {Text(row.Under)} | {YesOrNo(row.IsNear)} | {Text(row.After)} | {YesOrNo(row.HasRecovered)} | {row.Asked.Failed:N0} of {row.Asked.Count:N0} | {row.Trial.Quiet.MemoryLast / Megabyte:0}, {row.Trial.Under.MemoryMost / Megabyte:0}, {row.Trial.After.MemoryLast / Megabyte:0} | {row.Cores:0.00} | {YesOrNo(row.IsCheap)} |");

    private static string Text(Noticed noticed) => string.Create(
        CultureInfo.InvariantCulture, $"{noticed.Streamed.TotalMilliseconds:N0}, {noticed.Whole.TotalMilliseconds:N0}");

    private static string YesOrNo(bool holds) => holds ? "yes" : "no";

    private static JsonObject Figures(Row row) => new()
    {
        ["name"] = row.Trial.Name,
        ["reached"] = row.Trial.Reach.Count,
        ["p99_ms"] = Math.Round(row.Under.P99.TotalMilliseconds),
        ["p99_ms_quiet"] = Math.Round(row.Quiet.P99.TotalMilliseconds),
        ["p99_ms_after"] = Math.Round(row.After.P99.TotalMilliseconds),
        ["p99_ms_streamed"] = Math.Round(row.Under.Streamed.TotalMilliseconds),
        ["p99_ms_whole"] = Math.Round(row.Under.Whole.TotalMilliseconds),
        ["within_100_ms"] = row.IsNear,
        ["recovered"] = row.HasRecovered,
        ["failed"] = row.Asked.Failed,
        ["mib_before"] = Math.Round(row.Trial.Quiet.MemoryLast / Megabyte),
        ["mib_most"] = Math.Round(row.Trial.Under.MemoryMost / Megabyte),
        ["mib_after"] = Math.Round(row.Trial.After.MemoryLast / Megabyte),
        ["attacker_cores"] = Math.Round(row.Cores, 2),
        ["within_half_a_core"] = row.IsCheap,
    };

    /// <summary>A part of the run.</summary>
    /// <param name="From">By <see cref="Stopwatch"/>.</param>
    /// <param name="To">By <see cref="Stopwatch"/>.</param>
    /// <param name="Cores">That this process kept busy.</param>
    /// <param name="MemoryMost">Of the gateway, at its most.</param>
    /// <param name="MemoryLast">Of the gateway, at its end.</param>
    private sealed record Stretch(long From, long To, double Cores, long MemoryMost, long MemoryLast);

    private sealed record Trial(string Name, Reach Reach, Stretch Quiet, Stretch Under, Stretch After);

    /// <param name="Asked">From the attack's beginning to the end of the quiet after it: none that failed may be missed.</param>
    private sealed record Row(Trial Trial, Noticed Quiet, Noticed Under, Noticed After, Noticed Asked)
    {
        /// <summary>That the attack itself cost: what this process does for the well-behaved key is in the quiet before it, too.</summary>
        public double Cores => Math.Max(Trial.Under.Cores - Trial.Quiet.Cores, 0);

        public bool IsCheap => Cores <= MostCores;

        public bool IsNear => Under.IsNear(Quiet);

        public bool HasRecovered => After.Failed == 0 && After.IsNear(Quiet);

        public static Row Of(Trial trial, GoodCustomer customer) => new(
            trial,
            customer.Between(trial.Quiet.From, trial.Quiet.To),
            customer.Between(trial.Under.From, trial.Under.To),
            customer.Between(trial.After.From, trial.After.To),
            customer.Between(trial.Under.From, trial.After.To));
    }
}
