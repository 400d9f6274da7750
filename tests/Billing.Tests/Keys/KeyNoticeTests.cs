using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Billing.Tests.Sessions;
using ComputeShare.Contracts.Billing;
using ComputeShare.TestSupport.Processes;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Keys;

[Trait("Category", "Integration")]
public sealed class KeyNoticeTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Session_KeyChangedAtAnotherBilling_HearsOfTheAccountUnasked()
    {
        await using var other = await RunningBilling.StartOnAsync(Billing.ConnectionString, Token);
        await using var session = GatewaySession.Open(other);
        await session.AskAsync(Token, Commands.Release(Commands.NewRequest()));
        var account = await Billing.NewConsumerAsync(100, Token);
        var writer = Billing.Services.GetRequiredService<KeyWriter>();
        var key = (await writer.CreateAsync(account, kind: null, new KeyTerms(), Token))!;
        var hearing = HearAsync(session, account);

        // Again and again: a Billing that has just started may not listen yet.
        await Poll.UntilAsync(
            "the change is heard of",
            async () =>
            {
                await writer.RotateAsync(account, key.Id, TimeSpan.Zero, Token);
                return hearing.IsCompleted;
            },
            TimeSpan.FromSeconds(20),
            Token);

        // Created is version 2.
        Assert.True((await hearing).KeyVersion >= 2);
    }

    private static async Task<KeyNotice> HearAsync(GatewaySession session, string account)
    {
        await foreach (var notice in session.NoticesAsync(Token))
        {
            if (notice.AccountId == account)
            {
                return notice;
            }
        }

        throw new InvalidOperationException("The session ended first.");
    }
}
