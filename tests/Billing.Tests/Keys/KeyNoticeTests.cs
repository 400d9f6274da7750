using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Billing.Tests.Sessions;
using ComputeShare.Contracts.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Keys;

[Trait("Category", "Integration")]
public sealed class KeyNoticeTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Session_KeyRevokedAtAnotherBilling_HearsOfTheAccountUnasked()
    {
        await using var other = await RunningBilling.StartOnAsync(Billing.ConnectionString, Token);
        await using var session = GatewaySession.Open(other);
        await session.AskAsync(Token, Commands.Release(Commands.NewRequest()));
        var account = await Billing.NewConsumerAsync(100, Token);
        var writer = Billing.Services.GetRequiredService<KeyWriter>();
        var key = (await writer.CreateAsync(account, kind: null, new KeyTerms(), Token))!;

        await writer.RevokeAsync(account, key.Id, Token);

        // Created is version 2, revoked 3; what others do at the same time is heard of too.
        await foreach (var notice in session.NoticesAsync(Token))
        {
            if (notice.AccountId == account && notice.KeyVersion == 3)
            {
                return;
            }
        }

        Assert.Fail("The session ended first.");
    }
}
