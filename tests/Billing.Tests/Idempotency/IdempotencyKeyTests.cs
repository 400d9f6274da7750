using System.Security.Cryptography;
using System.Text;
using ComputeShare.Billing.Idempotency;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Idempotency;

[Trait("Category", "Integration")]
[Trait("Wire", "55")]
public sealed class IdempotencyKeyTests(BillingFixture fixture)
{
    private static readonly TokenPrice TenEach = new(10_000_000, 10_000_000, 10_000_000);
    private static readonly ByteString Answer = ByteString.CopyFromUtf8("sealed");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Begin_FirstWithItsKey_OwnsTheRequest()
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        var request = Commands.NewRequest();

        var begun = await BeginAsync(account, "first", request);

        Assert.Equal(new IdempotentBegun { State = IdempotentState.Owned, RequestId = request, OwnerEpoch = 1 }, begun);
    }

    // The next one with the key relies on it, whatever has become of the server.
    [Fact]
    public async Task Begin_Answered_IsOnDisk()
    {
        var account = await Billing.NewConsumerAsync(0, Token);

        Assert.True(await Billing.IsOnDiskAfterAsync(() => BeginAsync(account, "k", Commands.NewRequest()), Token));
    }

    [Fact]
    public async Task Begin_SecondWithTheSameBody_IsInFlight()
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        await BeginAsync(account, "k", Commands.NewRequest());

        Assert.Equal(IdempotentState.InFlight, (await BeginAsync(account, "k", Commands.NewRequest())).State);
    }

    [Fact]
    public async Task Begin_SecondWithAnotherBody_IsTold()
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        await BeginAsync(account, "k", Commands.NewRequest());

        Assert.Equal(IdempotentState.OtherBody, (await BeginAsync(account, "k", Commands.NewRequest(), body: "other")).State);
    }

    [Fact]
    public async Task Begin_SameKeyOfAnotherAccount_IsItsOwn()
    {
        var (one, other) = (await Billing.NewConsumerAsync(0, Token), await Billing.NewConsumerAsync(0, Token));
        await BeginAsync(one, "k", Commands.NewRequest());

        Assert.Equal(IdempotentState.Owned, (await BeginAsync(other, "k", Commands.NewRequest())).State);
    }

    [Fact]
    public async Task Begin_AfterTheEnd_GetsTheAnswer()
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        var request = Commands.NewRequest();
        await BeginAsync(account, "k", request);
        await FinishAsync(account, "k", request, epoch: 1, Answer);

        var begun = await BeginAsync(account, "k", Commands.NewRequest());

        Assert.Equal(new IdempotentBegun { State = IdempotentState.Finished, RequestId = request, OwnerEpoch = 1, Answer = Answer }, begun);
    }

    [Fact]
    public async Task Begin_AfterAnEndWithoutAnAnswer_IsNotKept()
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        var request = Commands.NewRequest();
        await BeginAsync(account, "k", request);
        await FinishAsync(account, "k", request, epoch: 1, ByteString.Empty);

        Assert.Equal(IdempotentState.NotKept, (await BeginAsync(account, "k", Commands.NewRequest())).State);
    }

    [Fact]
    public async Task Begin_AfterAFailureThatIsForgotten_IsTheFirstAgain()
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        var (failed, next) = (Commands.NewRequest(), Commands.NewRequest());
        await BeginAsync(account, "k", failed);
        await FinishAsync(account, "k", failed, epoch: 1, ByteString.Empty, forget: true);

        Assert.Equal(
            new IdempotentBegun { State = IdempotentState.Owned, RequestId = next, OwnerEpoch = 1 },
            await BeginAsync(account, "k", next, body: "other"));
    }

    [Fact]
    public async Task Begin_ThousandAtOnceOverTwoReplicas_OneOwns()
    {
        await using var second = await RunningBilling.StartOnAsync(Billing.ConnectionString, Token);
        var account = await Billing.NewConsumerAsync(0, Token);

        var begun = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i =>
            BeginAsync(account, "k", Commands.NewRequest(), on: i % 2 == 0 ? Billing : second)));

        Assert.Single(begun, one => one.State == IdempotentState.Owned);
        Assert.Equal(999, begun.Count(one => one.State == IdempotentState.InFlight));
    }

    [Fact]
    public async Task Begin_OwnerSilent_TakesOverRequestIdAndHoldAndTheDeadPayNobody()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();
        await BeginAsync(account, "k", request);
        await Billing.AnswerAsync(Hold(request, account, offer, seq: 5, epoch: 1), Token);
        await Billing.AnswerAsync(Checkpoint(request, epoch: 1, Commands.Share(offer, 100, 7)), Token);
        await FallSilentAsync(request);

        var retries = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => BeginAsync(account, "k", Commands.NewRequest())));

        var taken = Assert.Single(retries, retry => retry.State == IdempotentState.Owned);
        Assert.Equal(new IdempotentBegun { State = IdempotentState.Owned, RequestId = request, OwnerEpoch = 2 }, taken);
        Assert.Equal(19, retries.Count(retry => retry.State == IdempotentState.InFlight));
        Assert.Equal((10_000, 1500), await Billing.FundsAsync(account, Token));

        // Whatever the old owner still says.
        await Billing.AnswerAsync(Checkpoint(request, epoch: 1, Commands.Share(offer, 100, 9)), Token);
        Assert.NotEmpty((await Billing.AnswerAsync(Hold(request, account, offer, seq: 6, epoch: 1), Token)).Rejected.Message);
        Assert.NotEmpty((await Billing.AnswerAsync(Settle(request, account, epoch: 1, Commands.Share(offer, 100, 9)), Token)).Rejected.Message);
        await using (var billing = await Billing.OpenDatabaseAsync(Token))
        {
            var hold = await billing.Holds.SingleAsync(hold => hold.RequestId == Guid.ParseExact(request, "N"), Token);
            Assert.Equal((null, 0L), (hold.Checkpoint, hold.CheckpointTokens));
        }

        // The new owner begins with seq 1 on the hold that is there, and pays once.
        Assert.Equal(50u, (await Billing.AnswerAsync(Hold(request, account, offer, seq: 1, epoch: 2), Token)).Held.CompletionTokens);
        Assert.Equal(1030, (await Billing.AnswerAsync(Settle(request, account, epoch: 2, Commands.Share(offer, 100, 3)), Token)).Settled.Amount);
        Assert.Equal((10_000 - 1030, 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Begin_OwnerThatReports_IsNotTakenOver()
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        var request = Commands.NewRequest();
        await BeginAsync(account, "k", request);
        await FallSilentAsync(request);
        await Billing.AnswerAsync(Checkpoint(request, epoch: 1), Token);

        Assert.Equal(IdempotentState.InFlight, (await BeginAsync(account, "k", Commands.NewRequest())).State);
    }

    [Fact]
    public async Task Begin_OwnerSilentAfterItSettled_IsNotDoneAgain()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();
        await BeginAsync(account, "k", request);
        await Billing.AnswerAsync(Settle(request, account, epoch: 1, Commands.Share(offer, 100, 3)), Token);
        await FallSilentAsync(request);

        var first = await BeginAsync(account, "k", Commands.NewRequest());
        var second = await BeginAsync(account, "k", Commands.NewRequest());

        Assert.Equal(IdempotentState.InFlight, first.State);
        Assert.Equal((IdempotentState.NotKept, request), (second.State, second.RequestId));
    }

    [Fact]
    public async Task Finish_OfOneThatWasTakenOver_ChangesNothing()
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        var request = Commands.NewRequest();
        await BeginAsync(account, "k", request);
        await FallSilentAsync(request);
        await BeginAsync(account, "k", Commands.NewRequest());

        await FinishAsync(account, "k", request, epoch: 1, Answer);
        await FinishAsync(account, "k", request, epoch: 1, ByteString.Empty, forget: true);

        Assert.Equal(IdempotentState.InFlight, (await BeginAsync(account, "k", Commands.NewRequest())).State);
    }

    [Fact]
    public async Task Sweep_KeysOlderThanADay_ForgetsTheEndedOnes()
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        var (ended, young) = (Commands.NewRequest(), Commands.NewRequest());
        await BeginAsync(account, "ended", ended);
        await FinishAsync(account, "ended", ended, epoch: 1, Answer);
        await BeginAsync(account, "young", young);
        await BeginAsync(account, "running", Commands.NewRequest());
        await Billing.ExecuteAsync(
            $"UPDATE idempotent_requests SET created = now() - interval '25 hours' WHERE account_id = '{account}' AND idempotency_key <> 'young'", Token);

        await Billing.Services.GetRequiredService<KeySweep>().RunAsync(Token);

        await using var billing = await Billing.OpenDatabaseAsync(Token);
        Assert.Equal(
            ["running", "young"],
            await billing.IdempotentRequests.Where(row => row.AccountId == account).Select(row => row.IdempotencyKey).Order().ToListAsync(Token));
    }

    [Theory]
    [InlineData("", 32)]
    [InlineData("k", 31)]
    public async Task Begin_Malformed_IsRejected(string key, int hashBytes)
    {
        var begin = new BeginIdempotent { AccountId = "a", IdempotencyKey = key, BodyHash = ByteString.CopyFrom(new byte[hashBytes]), RequestId = Commands.NewRequest() };

        Assert.NotEmpty((await Billing.AnswerAsync(new BillingCommand { BeginIdempotent = begin }, Token)).Rejected.Message);
    }

    private async Task<IdempotentBegun> BeginAsync(string account, string key, string request, string body = "body", RunningBilling? on = null)
    {
        var begin = new BeginIdempotent
        {
            AccountId = account,
            IdempotencyKey = key,
            BodyHash = ByteString.CopyFrom(SHA256.HashData(Encoding.UTF8.GetBytes(body))),
            RequestId = request,
        };
        return (await (on ?? Billing).AnswerAsync(new BillingCommand { BeginIdempotent = begin }, Token)).IdempotentBegun;
    }

    private async Task FinishAsync(string account, string key, string request, uint epoch, ByteString answer, bool forget = false)
    {
        var finish = new FinishIdempotent
        {
            AccountId = account,
            IdempotencyKey = key,
            RequestId = request,
            OwnerEpoch = epoch,
            Answer = answer,
            Forget = forget,
        };
        Assert.NotNull((await Billing.AnswerAsync(new BillingCommand { FinishIdempotent = finish }, Token)).Done);
    }

    private Task<int> FallSilentAsync(string request) => Billing.ExecuteAsync(
        $"UPDATE idempotent_requests SET reported_at = now() - interval '1 minute' WHERE request_id = '{Guid.ParseExact(request, "N")}'", Token);

    private static BillingCommand Hold(string request, string account, Offer offer, uint seq, uint epoch)
    {
        var command = Commands.Hold(request, account, offer, prompt: 100, wanted: 50, seq: seq);
        command.Hold.OwnerEpoch = epoch;
        return command;
    }

    private static BillingCommand Settle(string request, string account, uint epoch, Share share)
    {
        var command = Commands.Settle(request, account, share);
        command.Settle.OwnerEpoch = epoch;
        return command;
    }

    private static BillingCommand Checkpoint(string request, uint epoch, params Share[] shares)
    {
        var command = Commands.Checkpoint(request, shares);
        command.Checkpoint.Streams[0].OwnerEpoch = epoch;
        return command;
    }
}
