using System.Globalization;
using System.Net;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>
/// Each of two gateways, schedulers and billings killed (-9) and started again while traffic runs through both gateways.
/// <see cref="KilledAtPointTests"/> chooses the moment; here it is whatever the traffic is at.
/// </summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class ReplicaKilledTests(Cluster cluster)
{
    private const int RequestsBetween = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EachReplica_KilledUnderTraffic_OthersServeAndEverythingIsGivenBack()
    {
        await cluster.BecomeWellAsync(Token);
        await using var traffic = new Traffic(cluster.Clients);
        await traffic.WaitUntilServedAsync(RequestsBetween, cluster.Clients.Count, Token);
        for (var number = 0; number < cluster.Gateways.Count; number++)
        {
            await KillAsync(traffic, cluster.Billings[number], gateway: null);
            await KillAsync(traffic, cluster.Schedulers[number], gateway: null);
            await KillAsync(traffic, cluster.Gateways[number], gateway: number);
            // The others are next: whoever depends on them must have found back to these.
            await Poll.UntilAsync("every gateway has a session with every replica", () => cluster.Gateways.All(HasAllSessions), Limit, Token);
        }

        await traffic.StopAsync();
        await AssertAllIsGivenBackAsync(traffic);
    }

    /// <summary>Until every gateway, the killed one too, serves again.</summary>
    /// <param name="gateway">The one that is killed, whose requests break.</param>
    private async Task KillAsync(Traffic traffic, Replica replica, int? gateway)
    {
        var before = traffic.Answers.Count;
        await replica.KillAsync();
        replica.Start();
        await traffic.WaitUntilServedAsync(RequestsBetween, cluster.Clients.Count, Token);

        var others = traffic.Answers.Skip(before).Where(entry => entry.Gateway != gateway).Select(entry => entry.Answer).ToArray();
        Assert.All(others, AssertServedOrRefused);
        // What was in flight there is refused, one request per consumer; whoever asks again is served by the other replica.
        var refused = others.Where(answer => !answer.Completed).ToArray();
        Assert.True(
            refused.Length <= (gateway is null ? traffic.Consumers : 0),
            $"With {replica.Name} killed:\n{string.Join('\n', refused.SelectMany(answer => LogOf(answer.RequestId)))}");
    }

    private IEnumerable<string> LogOf(string requestId) =>
        cluster.Gateways.SelectMany(gateway => gateway.Output.Split('\n')).Where(line => line.Contains(requestId, StringComparison.Ordinal));

    private bool HasAllSessions(Replica gateway)
    {
        return Standing("billing") == cluster.Billings.Count && Standing("scheduler") == cluster.Schedulers.Count;

        int Standing(string service) => Said($"Session with {service} stands") - Said($"Session with {service} was lost");

        int Said(string text) => gateway.OutputSinceStart.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));
    }

    private static void AssertServedOrRefused(ChatAnswer answer)
    {
        if (!answer.Completed)
        {
            Assert.True(answer.Status == HttpStatusCode.ServiceUnavailable, $"{answer}");
            Assert.Equal(["service_unavailable"], answer.Errors);
            Assert.True(int.Parse(answer.Header("retry-after"), CultureInfo.InvariantCulture) > 0, $"{answer}");
        }
    }

    /// <summary>Slots and holds come back by themselves; what was served whole is paid exactly, what broke at most as delivered.</summary>
    private async Task AssertAllIsGivenBackAsync(Traffic traffic)
    {
        await cluster.States.WaitForAsync(
            "every slot is free", states => states.Count == 3 && states.All(node => node is { Running: 0, Leased: 0 }), Limit, Token);
        await cluster.Books.WaitUntilClosedAsync(Token);
        foreach (var answer in traffic.Answers.Select(entry => entry.Answer).Where(answer => answer.RequestId.Length > 0))
        {
            var bill = answer.Completed
                ? await cluster.Books.BillAsync(answer.RequestId, Token)
                : await cluster.Books.FindAsync(answer.RequestId, Token);
            if (bill is not null)
            {
                Assert.True(answer.Completed ? bill.Tokens == answer.Tokens : bill.Tokens <= answer.Tokens, $"{answer}; {bill}");
                Assert.True(bill.Paid == bill.Owed && bill.Amount == bill.Owed, $"{answer}; {bill}");
            }
        }
    }
}
