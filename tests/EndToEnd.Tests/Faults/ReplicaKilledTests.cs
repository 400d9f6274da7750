using System.Globalization;
using System.Net;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>
/// Each of two gateways, schedulers and billings killed (-9) and started again while traffic runs through both gateways. A longer form
/// (<c>./test --long</c>); <see cref="KilledAtPointTests"/> is the short one.
/// </summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class ReplicaKilledTests(Cluster cluster)
{
    private const int RequestsBetween = 4;
    private static readonly TimeSpan SlotsLimit = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Schedulers_EachKilledUnderTraffic_OtherServesAndEverythingIsGivenBack() =>
        await KillEachUnderTrafficAsync(cluster.Schedulers, "service_unavailable");

    [Fact]
    public async Task Billings_EachKilledUnderTraffic_OtherServesAndNothingIsPaidTwice() =>
        await KillEachUnderTrafficAsync(cluster.Billings, "service_unavailable");

    [Fact]
    public async Task Gateways_EachKilledUnderTraffic_OtherServesAndEverythingIsGivenBack()
    {
        await cluster.BecomeWellAsync(Token);
        await using var traffic = new Traffic(cluster.Clients);
        for (var killed = 0; killed < cluster.Gateways.Count; killed++)
        {
            await traffic.WaitUntilServedAsync(RequestsBetween, cluster.Clients.Count, Token);
            var before = traffic.Answers.Count;

            await cluster.Gateways[killed].RestartAsync(Token);
            await traffic.WaitUntilServedAsync(RequestsBetween, cluster.Clients.Count, Token);

            Assert.All(traffic.Answers.Skip(before).Where(entry => entry.Gateway != killed), entry => AssertServedOrRefused(entry.Answer));
        }

        await traffic.StopAsync();
        Assert.All(traffic.Answers.Where(entry => !entry.Answer.Broken), entry => AssertServedOrRefused(entry.Answer));
        await AssertAllIsGivenBackAsync(traffic);
    }

    private async Task KillEachUnderTrafficAsync(IReadOnlyList<Replica> replicas, string documentedError)
    {
        await cluster.BecomeWellAsync(Token);
        await using var traffic = new Traffic(cluster.Clients);
        foreach (var replica in replicas)
        {
            await traffic.WaitUntilServedAsync(RequestsBetween, cluster.Clients.Count, Token);
            await replica.RestartAsync(Token);
        }

        await traffic.WaitUntilServedAsync(RequestsBetween, cluster.Clients.Count, Token);
        await traffic.StopAsync();
        Assert.All(traffic.Answers, entry => AssertServedOrRefused(entry.Answer));
        Assert.All(traffic.Answers.SelectMany(entry => entry.Answer.Errors), error => Assert.Equal(documentedError, error));
        await AssertAllIsGivenBackAsync(traffic);
    }

    private static void AssertServedOrRefused(ChatAnswer answer)
    {
        if (!answer.Completed)
        {
            Assert.True(answer.Status == HttpStatusCode.ServiceUnavailable, $"{answer}");
            Assert.True(int.Parse(answer.Header("retry-after"), CultureInfo.InvariantCulture) > 0, $"{answer}");
        }
    }

    /// <summary>Slots and holds come back by themselves; what was served whole is paid exactly, what broke at most as delivered.</summary>
    private async Task AssertAllIsGivenBackAsync(Traffic traffic)
    {
        await cluster.States.WaitForAsync(
            "every slot is free", states => states.Count == 3 && states.All(node => node is { Running: 0, Leased: 0 }), SlotsLimit, Token);
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
