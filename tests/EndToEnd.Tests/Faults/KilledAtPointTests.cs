using System.Globalization;
using System.Net;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>
/// kill -9 of a replica at the worst moments of a request: something is taken, and who took it is dead. What the client sees;
/// <see cref="CrashMatrixTests"/> looks at the money.
/// </summary>
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
        await cluster.BecomeWellAsync(Token);
        cluster.Faults.Arm(point, "kill");

        var answer = await cluster.Clients[0].StreamAsync(5, Token);

        await WaitForDeathAsync(point);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "service_unavailable"), (answer.Status, answer.Errors.Single()));
        Assert.True(int.Parse(answer.Header("retry-after"), CultureInfo.InvariantCulture) > 0);
        await cluster.BecomeWellAsync(Token);
        await cluster.Books.WaitUntilClosedAsync(Token);
        Assert.Equal(0, (await cluster.Books.FindAsync(answer.RequestId, Token))?.Paid ?? 0);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task Stream_GatewayKilledMidStream_BreaksAndIsPaidFromTheLastCheckpoint()
    {
        const int ReadBefore = 50;
        await cluster.BecomeWellAsync(Token);
        await using var stream = await cluster.Clients[0].OpenAsync(2 * ReadBefore, Token);
        await stream.ReadTokensAsync(ReadBefore, Token);
        cluster.Faults.Arm("gateway.token", "kill");

        var answer = await stream.ReadToEndAsync(Token);

        await WaitForDeathAsync("gateway.token");
        Assert.True(answer is { Broken: true, Completed: false, Status: HttpStatusCode.OK }, $"{answer}");
        Assert.InRange(answer.Tokens, ReadBefore, (2 * ReadBefore) - 1);
        var bill = await cluster.Books.BillAsync(answer.RequestId, Token);
        // A second of tokens at most is given away (DESIGN.md §6); a busy machine's timers are late by as much again.
        Assert.InRange(bill.Tokens, Math.Max(1, answer.Tokens - (2 * TokensPerSecond)), answer.Tokens);
        Assert.Equal((bill.Owed, bill.Owed), (bill.Paid, bill.Amount));
        await cluster.BecomeWellAsync(Token);
        await cluster.Books.WaitUntilClosedAsync(Token);
    }

    private async Task WaitForDeathAsync(string point)
    {
        await Poll.UntilAsync("it is dead", () => cluster.Billings.Concat(cluster.Schedulers).Concat(cluster.Gateways).Any(replica => !replica.IsRunning), DeathLimit, Token);
        cluster.Faults.Clear(point);
    }
}
