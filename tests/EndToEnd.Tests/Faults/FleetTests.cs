using System.Collections.Concurrent;
using System.Globalization;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>More requests than slots, from a greedy account and modest ones, while nodes, a gateway and a scheduler are killed.</summary>
[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class FleetTests(Fleet fleet) : IClassFixture<Fleet>
{
    private const int MostTokens = 8;
    private const int ModestAccounts = 4;
    private const int ModestConsumers = 6;
    private const int GreedyConsumers = 90;
    private static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ServedLimit = TimeSpan.FromMinutes(2);

    // A lease's life, and what a busy machine needs beside it.
    private static readonly TimeSpan FreeLimit = TimeSpan.FromSeconds(25);

    private readonly ConcurrentQueue<(string Account, ChatAnswer Answer)> _answers = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fleet_UnderMixedFaults_LosesNoSlotAndServesEveryAccount()
    {
        await fleet.AddAccountAsync("greedy");
        for (var account = 1; account <= ModestAccounts; account++)
        {
            await fleet.AddAccountAsync(string.Create(CultureInfo.InvariantCulture, $"modest-{account}"));
        }

        using var stop = new CancellationTokenSource();
        var watching = WatchAsync(stop.Token);
        var consumers = fleet.Accounts.SelectMany((account, index) => Enumerable.Range(0, index == 0 ? GreedyConsumers : ModestConsumers)
            .Select(consumer => ConsumeAsync(account.Account, account.Gateways[consumer % account.Gateways.Count], stop.Token))).ToArray();

        await BreakAndMendAsync();
        await Poll.UntilAsync("every account is served", () => Served().Values.All(served => served >= ModestConsumers), ServedLimit, Token);
        await stop.CancelAsync();
        await Task.WhenAll(consumers);
        var overfull = await watching;

        Assert.Empty(overfull);
        await fleet.States.WaitForAsync(
            "every node is there and every slot is free",
            states => states.Count == fleet.Nodes.Count && states.All(node => node is { Running: 0, Leased: 0 }),
            FreeLimit,
            Token);
        Report();
    }

    // One of each after the other: nodes without warning, a gateway with its streams, a scheduler with its waiting room.
    private async Task BreakAndMendAsync()
    {
        await PauseAsync();
        Replica[] killed = [fleet.Nodes[0], fleet.Nodes[1], fleet.Nodes[10]];
        await Task.WhenAll(killed.Select(node => node.KillAsync()));
        await PauseAsync();
        await fleet.Gateways[2].RestartAsync(Token);
        await PauseAsync();
        await fleet.Schedulers[1].RestartAsync(Token);
        await PauseAsync();
        foreach (var node in killed)
        {
            await node.RestartAsync(Token);
        }

        await PauseAsync();
    }

    private static Task PauseAsync() => Task.Delay(FaultPause, TimeProvider.System, Token);

    private async Task ConsumeAsync(string account, ChatClient client, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var answer = await client.StreamAsync(MostTokens, CancellationToken.None);
            _answers.Enqueue((account, answer));
            if (!answer.Completed)
            {
                // A caller that was refused comes again, but not at once.
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    /// <summary>Nodes seen with more leases, or more work, than slots.</summary>
    private async Task<IReadOnlyCollection<string>> WatchAsync(CancellationToken stop)
    {
        var overfull = new HashSet<string>();
        while (!stop.IsCancellationRequested)
        {
            foreach (var node in await fleet.States.ReadAsync())
            {
                if (node.Leased > ClusterShape.SlotsPerNode || node.Running > ClusterShape.SlotsPerNode)
                {
                    overfull.Add(node.ToString());
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }

        return overfull;
    }

    private Dictionary<string, int> Served() => fleet.Accounts.ToDictionary(
        account => account.Account, account => _answers.Count(entry => entry.Account == account.Account && entry.Answer.Completed));

    private void Report()
    {
        var served = Served();
        // Accounts that ask for the same should get the same, however much the greedy one asks for.
        var modest = Jain([.. served.Where(account => account.Key != "greedy").Select(account => (double)account.Value)]);
        var byOutcome = _answers.GroupBy(entry => entry.Answer.Completed ? "completed" : $"{(int?)entry.Answer.Status} {string.Join(',', entry.Answer.Errors)}{(entry.Answer.Broken ? " broken" : "")}");
        var text = string.Join('\n',
        [
            $"fairness index (Jain) of the {ModestAccounts} modest accounts: {modest.ToString("0.000", CultureInfo.InvariantCulture)}",
            "completed: " + string.Join(", ", served.Select(account => $"{account.Key} {account.Value}")),
            "answers: " + string.Join(", ", byOutcome.OrderByDescending(outcome => outcome.Count()).Select(outcome => $"{outcome.Key}: {outcome.Count()}")),
        ]);
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Repository.PathOf("TestResults")).FullName, "fleet.txt"), text + "\n");
    }

    private static double Jain(double[] shares) => Math.Pow(shares.Sum(), 2) / (shares.Length * shares.Sum(share => share * share));
}
