using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Admission;
using ComputeShare.TestSupport.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Gateway.Tests.Admission;

[Trait("Category", "Integration")]
public sealed class AdmissionGateTests(RedisServer server) : IAsyncLifetime
{
    private readonly AdmissionOptions _options = new();
    private ConnectionMultiplexer _redis = null!;
    private AdmissionGate _gate = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        _gate = NewGate();
    }

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task Account_WithoutLimits_IsAlwaysAdmitted()
    {
        var key = Key(new KeyLimits());

        for (var i = 0; i < 50; i++)
        {
            await AdmittedAsync(key, tokens: 1_000_000);
        }
    }

    [Fact]
    public async Task Parallel_AtTheLimit_IsRefusedUntilOneIsReleased()
    {
        var key = Key(new KeyLimits { ParallelRequests = 2 });
        var first = await AdmittedAsync(key);
        await AdmittedAsync(key);

        Assert.Equal("parallel", (await LimitedAsync(key)).Limit);
        await _gate.ReleaseAsync(first, usedTokens: 0);
        await AdmittedAsync(key);
    }

    [Fact]
    public async Task Parallel_OfOneKey_LeavesTheAccountsOtherKeysAlone()
    {
        var key = Key(new KeyLimits { ParallelRequests = 3 }, new KeyLimits { ParallelRequests = 1 });
        var other = key.Clone();
        other.KeyId = "other";
        var first = await AdmittedAsync(key);

        Assert.Equal(("parallel", "key"), ((await LimitedAsync(key)).Limit, (await LimitedAsync(key)).Whose));
        await AdmittedAsync(other);
        await _gate.ReleaseAsync(first, usedTokens: 0);
        await AdmittedAsync(key);
    }

    [Fact]
    public async Task Parallel_EntryOfADeadGateway_Dies()
    {
        var key = Key(new KeyLimits { ParallelRequests = 1 });
        _options.EntryLife = TimeSpan.FromMilliseconds(100);
        await AdmittedAsync(key);

        await TestSupport.Processes.Poll.UntilAsync(
            "the entry dies",
            async () => await _gate.AdmitAsync(NewId(), key, 0) is AdmissionVerdict.Admitted,
            TimeSpan.FromSeconds(5),
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Parallel_EntryRenewed_LivesOn()
    {
        var key = Key(new KeyLimits { ParallelRequests = 1 });
        _options.EntryLife = TimeSpan.FromSeconds(1);
        await AdmittedAsync(key);
        _options.EntryLife = TimeSpan.FromSeconds(100);

        await _gate.RenewAsync();

        var running = await _redis.GetDatabase().KeyTimeToLiveAsync(AdmissionKeys.Running(key.AccountId));
        Assert.True(running > TimeSpan.FromSeconds(50));
        Assert.Equal("parallel", (await LimitedAsync(key)).Limit);
    }

    [Fact]
    public async Task Requests_AtTheLimit_SayWhenToComeBack()
    {
        var key = Key(new KeyLimits { RequestsPerMinute = 3 });
        for (var i = 0; i < 3; i++)
        {
            await AdmittedAsync(key);
        }

        var limited = await LimitedAsync(key);

        Assert.Equal("requests", limited.Limit);
        Assert.InRange(limited.RetryAfter.TotalSeconds, 15, 20);
    }

    [Fact]
    public async Task Requests_OfTheKey_AreToldWhereTheyAreScarcerThanTheAccounts()
    {
        var key = Key(new KeyLimits { RequestsPerMinute = 100 }, new KeyLimits { RequestsPerMinute = 2 });

        var admitted = Assert.IsType<AdmissionVerdict.Admitted>(await _gate.AdmitAsync(NewId(), key, 0));

        Assert.Equal((2, 1), (admitted.Levels.Requests!.Limit, admitted.Levels.Requests.Remaining));
        Assert.InRange(admitted.Levels.Requests.Reset.TotalSeconds, 29, 30);
        Assert.Null(admitted.Levels.Tokens);
    }

    [Fact]
    public async Task Refusal_ByTheKey_TakesNothingOfTheAccount()
    {
        var key = Key(new KeyLimits { RequestsPerMinute = 10, TokensPerMinute = 10_000 }, new KeyLimits { RequestsPerMinute = 1 });
        await AdmittedAsync(key, tokens: 100);
        var refused = await LimitedAsync(key, tokens: 100);
        var other = key.Clone();
        (other.KeyId, other.KeyLimits) = ("other", new KeyLimits());

        var admitted = Assert.IsType<AdmissionVerdict.Admitted>(await _gate.AdmitAsync(NewId(), other, 100));

        Assert.Equal(("requests", "key"), (refused.Limit, refused.Whose));
        Assert.Equal(8, admitted.Levels.Requests!.Remaining);
        Assert.InRange(admitted.Levels.Tokens!.Remaining, 9_800, 9_900);
    }

    [Fact]
    public async Task Tokens_ReservedAndNotUsed_FlowBack()
    {
        var key = Key(new KeyLimits { TokensPerMinute = 1000 });
        var ticket = await AdmittedAsync(key, tokens: 900);
        Assert.Equal("tokens", (await LimitedAsync(key, tokens: 900)).Limit);

        await _gate.ReleaseAsync(ticket, usedTokens: 50);

        await AdmittedAsync(key, tokens: 900);
    }

    [Fact]
    public async Task Tokens_OfAClientThatLeft_StaySpent()
    {
        var key = Key(new KeyLimits { TokensPerMinute = 1000 });
        var ticket = await AdmittedAsync(key, tokens: 900);

        await _gate.ReleaseAsync(ticket, usedTokens: null);

        Assert.Equal("tokens", (await LimitedAsync(key, tokens: 900)).Limit);
    }

    [Fact]
    public async Task Tokens_UsedBeyondTheReservation_AreOwed()
    {
        var key = Key(new KeyLimits { TokensPerMinute = 1000 });
        var ticket = await AdmittedAsync(key, tokens: 100);

        await _gate.ReleaseAsync(ticket, usedTokens: 5000);

        // 4,000 owed and one wanted: true, and more than two minutes.
        var limited = await LimitedAsync(key, tokens: 1);
        Assert.InRange(limited.RetryAfter.TotalSeconds, 235, 240.1);
        Assert.Equal(0, limited.Levels.Tokens!.Remaining);
        Assert.InRange(limited.Levels.Tokens.Reset.TotalSeconds, 295, 300);
    }

    [Fact]
    public async Task Tokens_GivenBackTwice_NeverFillTheBucketBeyondItsLimit()
    {
        var key = Key(new KeyLimits { TokensPerMinute = 1000 });
        var ticket = await AdmittedAsync(key, tokens: 900);

        await _gate.ReleaseAsync(ticket, usedTokens: 0);
        await _gate.ReleaseAsync(ticket, usedTokens: 0);

        await AdmittedAsync(key, tokens: 1000);
        Assert.Equal("tokens", (await LimitedAsync(key, tokens: 500)).Limit);
    }

    [Fact]
    public async Task Tokens_OfARequestThatOutlivedItsBucket_AreForgotten()
    {
        var key = Key(new KeyLimits { TokensPerMinute = 1000 });
        var ticket = await AdmittedAsync(key, tokens: 900);
        await _redis.GetDatabase().KeyDeleteAsync(AdmissionKeys.Limits(key.AccountId));

        await _gate.ReleaseAsync(ticket, usedTokens: 5000);

        await AdmittedAsync(key, tokens: 1000);
    }

    [Fact]
    public async Task Release_OfOneRequestTwice_LeavesTheOthersRunning()
    {
        var key = Key(new KeyLimits { ParallelRequests = 2 });
        var first = await AdmittedAsync(key);
        await AdmittedAsync(key);

        await _gate.ReleaseAsync(first, usedTokens: 0);
        await _gate.ReleaseAsync(first, usedTokens: 0);

        await AdmittedAsync(key);
        Assert.Equal("parallel", (await LimitedAsync(key)).Limit);
    }

    [Fact]
    public async Task Tokens_MoreThanTheWholeLimit_PassWhenTheBucketIsFull()
    {
        var key = Key(new KeyLimits { TokensPerMinute = 1000 });

        await AdmittedAsync(key, tokens: 5000);

        Assert.Equal("tokens", (await LimitedAsync(key, tokens: 1)).Limit);
    }

    [Fact]
    public async Task Key_OfAnOlderVersion_IsStaleAndTakesNothing()
    {
        var key = Key(new KeyLimits { RequestsPerMinute = 1 });
        var newer = key.Clone();
        newer.KeyVersion = 9;
        newer.Limits = new KeyLimits();
        Assert.IsType<AdmissionVerdict.Admitted>(await _gate.AdmitAsync(NewId(), newer, 0));

        Assert.IsType<AdmissionVerdict.StaleKey>(await _gate.AdmitAsync(NewId(), key, 0));

        key.KeyVersion = 9;
        await AdmittedAsync(key);
    }

    private static KeyRecord Key(KeyLimits limits, KeyLimits? ofKey = null) =>
        new() { AccountId = $"account-{NewId()}", KeyId = "key", KeyVersion = 1, Limits = limits, KeyLimits = ofKey };

    private static RequestId NewId() => RequestId.New(TimeProvider.System);

    private AdmissionGate NewGate() => new(_redis, Options.Create(_options), NullLogger<AdmissionGate>.Instance);

    private async Task<AdmissionTicket> AdmittedAsync(KeyRecord key, long tokens = 0) =>
        Assert.IsType<AdmissionVerdict.Admitted>(await _gate.AdmitAsync(NewId(), key, tokens)).Ticket;

    private async Task<AdmissionVerdict.Limited> LimitedAsync(KeyRecord key, long tokens = 0) =>
        Assert.IsType<AdmissionVerdict.Limited>(await _gate.AdmitAsync(NewId(), key, tokens));
}
