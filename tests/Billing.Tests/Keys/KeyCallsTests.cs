using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Keys;

[Trait("Category", "Integration")]
public sealed class KeyCallsTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    private KeyCalls Calls => Billing.Services.GetRequiredService<KeyCalls>();

    [Fact]
    public async Task Create_WithTerms_TheTextIsAKeyOfTheseTerms()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        var end = TimeProvider.System.GetUtcNow().AddHours(1);

        var made = await CreateAsync(account, new KeyTerms
        {
            Name = "website",
            ExpiresAt = end.ToUnixTimeMilliseconds(),
            AllowedModels = new ModelNames { Models = { "auto" } },
            Limits = new KeyLimits { RequestsPerMinute = 60, TokensPerMinute = 1000, ParallelRequests = 2 },
            Policy = "price",
            SpendCaps = new SpendCaps { Caps = { Cap("month", 50), Cap("day", 5) } },
        });

        Assert.True(ApiKey.IsWellFormed(made.Text, ApiKey.ConsumerPrefix));
        var record = (await LookUpAsync(made.Text))!;
        Assert.Equal((made.Key.KeyId, account, KeyKind.Consumer, "price"), (record.KeyId, record.AccountId, record.Kind, record.Policy));
        Assert.Equal(new KeyLimits { RequestsPerMinute = 60, TokensPerMinute = 1000, ParallelRequests = 2 }, record.KeyLimits);
        Assert.InRange(record.ValidForMs, 1ul, 3_600_000ul);
        var told = await Calls.FindAsync(Named(account, made), Token);
        Assert.Equal(made.Key, told);
        Assert.Equal(("website", end.ToUnixTimeMilliseconds()), (told.Terms.Name, told.Terms.ExpiresAt));
        Assert.Equal(["day", "month"], told.Terms.SpendCaps.Caps.Select(cap => cap.Window));
        Assert.All(told.Terms.SpendCaps.Caps, cap => Assert.True(cap.ResetsAt > told.Created));
    }

    [Fact]
    public async Task Change_SomeTerms_TheOthersStayAndTheVersionGrows()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        var made = await CreateAsync(account, new KeyTerms { Name = "before", Policy = "price", Limits = new KeyLimits { ParallelRequests = 1 } });
        var before = (await LookUpAsync(made.Text))!.KeyVersion;

        var changed = await Calls.ChangeAsync(
            new ChangeKeyRequest { AccountId = account, KeyId = made.Key.KeyId, Terms = new KeyTerms { Name = "after", Limits = new KeyLimits() } }, Token);

        Assert.Equal(("after", "price"), (changed.Terms.Name, changed.Terms.Policy));
        var record = (await LookUpAsync(made.Text))!;
        Assert.Null(record.KeyLimits);
        Assert.True(record.KeyVersion > before);
    }

    [Fact]
    public async Task Rotate_WithoutGrace_OnlyTheNewTextIsGood()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        var made = await CreateAsync(account, new KeyTerms());

        var rotated = await Calls.RotateAsync(new RotateKeyRequest { AccountId = account, KeyId = made.Key.KeyId }, Token);

        Assert.Null(await LookUpAsync(made.Text));
        Assert.Equal(made.Key.KeyId, (await LookUpAsync(rotated.Text))!.KeyId);
    }

    [Fact]
    public async Task Rotate_WithGrace_BothTextsAreGoodForSoLong()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        var made = await CreateAsync(account, new KeyTerms());

        var rotated = await Calls.RotateAsync(new RotateKeyRequest { AccountId = account, KeyId = made.Key.KeyId, GraceMs = 60_000 }, Token);

        Assert.Equal(0ul, (await LookUpAsync(rotated.Text))!.ValidForMs);
        Assert.InRange((await LookUpAsync(made.Text))!.ValidForMs, 1ul, 60_000ul);
        await Billing.ExecuteAsync($"UPDATE api_keys SET previous_until = now() WHERE id = '{made.Key.KeyId}'", Token);
        Assert.Null(await LookUpAsync(made.Text));
    }

    [Fact]
    public async Task Revoke_Twice_EndsTheKeyOnce()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        var made = await CreateAsync(account, new KeyTerms());

        var first = await Calls.RevokeAsync(Named(account, made), Token);
        var second = await Calls.RevokeAsync(Named(account, made), Token);

        Assert.True(first.Revoked > 0);
        Assert.Equal(first, second);
        Assert.Null(await LookUpAsync(made.Text));
        var change = new ChangeKeyRequest { AccountId = account, KeyId = made.Key.KeyId, Terms = new KeyTerms { Name = "again" } };
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => Calls.ChangeAsync(change, Token))).StatusCode);
    }

    [Fact]
    public async Task AnyCall_KeyOfAnotherAccountOrOfManagement_IsNotFound()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        var management = (await Billing.Services.GetRequiredService<KeyWriter>().CreateAsync(account, KeyKinds.Management, new KeyTerms(), Token))!;
        var others = await CreateAsync(await Billing.NewConsumerAsync(100, Token), new KeyTerms());

        foreach (var id in new[] { management.Id, others.Key.KeyId, "nothing" })
        {
            var named = new AccountKeyRequest { AccountId = account, KeyId = id };
            Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => Calls.FindAsync(named, Token))).StatusCode);
            Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => Calls.RevokeAsync(named, Token))).StatusCode);
        }

        Assert.NotNull(await LookUpAsync(others.Text));
        Assert.NotNull(await LookUpAsync(management.Text));
    }

    [Fact]
    public async Task Create_EndInThePastOrACapTwice_NamesTheTerm()
    {
        var account = await Billing.NewConsumerAsync(100, Token);

        await IsRefusedAsync(new KeyTerms { ExpiresAt = 1000 }, "expires_at");
        await IsRefusedAsync(new KeyTerms { SpendCaps = new SpendCaps { Caps = { Cap("day", 1), Cap("day", 2) } } }, "spend_caps");
        await IsRefusedAsync(new KeyTerms { SpendCaps = new SpendCaps { Caps = { Cap("fortnight", 1) } } }, "spend_caps");
        Assert.Empty((await Calls.ListAsync(new ListKeysRequest { AccountId = account, Limit = 10 }, Token)).Keys);

        async Task IsRefusedAsync(KeyTerms terms, string param)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => CreateAsync(account, terms));
            Assert.Equal((StatusCode.InvalidArgument, param), (refused.StatusCode, refused.Trailers.GetValue("param")));
        }
    }

    [Fact]
    public async Task List_MoreThanAPage_GoesOnBehindTheLastNewestFirst()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        var made = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            made.Add((await CreateAsync(account, new KeyTerms())).Key.KeyId);
        }

        await Calls.RevokeAsync(new AccountKeyRequest { AccountId = account, KeyId = made[1] }, Token);

        var first = await Calls.ListAsync(new ListKeysRequest { AccountId = account, Limit = 1 }, Token);
        var second = await Calls.ListAsync(new ListKeysRequest { AccountId = account, Limit = 1, After = made[2] }, Token);
        var all = await Calls.ListAsync(new ListKeysRequest { AccountId = account, Limit = 100, WithRevoked = true }, Token);

        Assert.Equal((made[2], true), (Assert.Single(first.Keys).KeyId, first.HasMore));
        Assert.Equal((made[0], false), (Assert.Single(second.Keys).KeyId, second.HasMore));
        Assert.Equal(Enumerable.Reverse(made), all.Keys.Select(key => key.KeyId));
    }

    private static SpendCap Cap(string window, long amount) => new() { Window = window, Amount = amount };

    private static AccountKeyRequest Named(string account, NewKey key) => new() { AccountId = account, KeyId = key.Key.KeyId };

    private Task<NewKey> CreateAsync(string account, KeyTerms terms) =>
        Calls.CreateAsync(new CreateKeyRequest { AccountId = account, Terms = terms }, Token);

    private Task<KeyRecord?> LookUpAsync(string text) =>
        Billing.Services.GetRequiredService<KeyRegister>().FindAsync(ApiKey.Hash(text), Token);
}
