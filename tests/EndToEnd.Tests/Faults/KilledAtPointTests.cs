using System.Globalization;
using System.Net;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>kill -9 of a replica at the worst moments of a request: something is taken, and who took it is dead.</summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
public sealed class KilledAtPointTests(Cluster cluster)
{
    private const int TokensPerSecond = 25;
    private static readonly TimeSpan DeathLimit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("billing.hold.after-commit")]
    [InlineData("scheduler.reserve.after-lease")]
    public async Task Request_ReplicaKilledWithWhatItTookUnanswered_Is503AndWhatWasTakenComesBack(string point)
    {
        await cluster.BecomeWellAsync(Token, Armed(point, "kill@1"));

        var answer = await cluster.Clients[0].StreamAsync(5, Token);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "service_unavailable"), (answer.Status, answer.Errors.Single()));
        Assert.True(int.Parse(answer.Header("retry-after"), CultureInfo.InvariantCulture) > 0);
        await cluster.BecomeWellAsync(Token);
        await cluster.Books.WaitUntilClosedAsync(Token);
        Assert.Equal(0, (await cluster.Books.FindAsync(answer.RequestId, Token))?.Paid ?? 0);
    }

    [Theory]
    [InlineData("billing.settle.before-commit")]
    [InlineData("billing.settle.after-commit")]
    public async Task Settlement_BillingKilledBesideTheCommit_IsPaidOnce(string point)
    {
        await cluster.BecomeWellAsync(Token, Armed(point, "kill@1"));

        var answer = await cluster.Clients[0].StreamAsync(5, Token);

        Assert.True(answer.Completed, $"{answer}");
        await Poll.UntilAsync("a billing has died", () => cluster.Billings.Any(billing => !billing.IsRunning), DeathLimit, Token);
        await cluster.BecomeWellAsync(Token);
        var bill = await cluster.Books.BillAsync(answer.RequestId, Token);
        Assert.Equal(answer.Tokens, bill.Tokens);
        Assert.Equal((bill.Owed, bill.Owed), (bill.Paid, bill.Amount));
        await cluster.Books.WaitUntilClosedAsync(Token);
    }

    [Fact]
    public async Task Stream_GatewayKilledMidStream_BreaksAndIsPaidFromTheLastCheckpoint()
    {
        const int KilledAt = 50;
        await cluster.BecomeWellAsync(Token, (cluster.Gateways[0], "gateway.token", "kill@50"));

        var answer = await Cluster.UntilTakenAsync(() => cluster.Clients[0].StreamAsync(2 * KilledAt, Token), Token);

        Assert.True(answer is { Broken: true, Completed: false, Status: HttpStatusCode.OK }, $"{answer}");
        Assert.InRange(answer.Tokens, 1, KilledAt - 1);
        var bill = await cluster.Books.BillAsync(answer.RequestId, Token);
        // A second of tokens at most is given away (DESIGN.md §6); a busy machine's timers are late by as much again.
        Assert.InRange(bill.Tokens, Math.Max(1, answer.Tokens - (2 * TokensPerSecond)), answer.Tokens);
        Assert.Equal((bill.Owed, bill.Owed), (bill.Paid, bill.Amount));
        await cluster.BecomeWellAsync(Token);
        await cluster.Books.WaitUntilClosedAsync(Token);
    }

    /// <summary>Both replicas: the account's requests go to one of them.</summary>
    private (Replica Replica, string Point, string Action)[] Armed(string point, string action) =>
        [.. (point.StartsWith("billing", StringComparison.Ordinal) ? cluster.Billings : cluster.Schedulers).Select(replica => (replica, point, action))];
}
