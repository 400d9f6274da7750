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
    public async Task Parallel_ManyGatewaysAtOnce_LetExactlyTheLimitThrough()
    {
        var key = Key(new KeyLimits { ParallelRequests = 7 });
        var gates = Enumerable.Range(0, 3).Select(_ => NewGate()).ToArray();

        var verdicts = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => gates[i % 3].AdmitAsync(NewId(), key, 0)));

        Assert.Equal(7, verdicts.Count(verdict => verdict is AdmissionVerdict.Admitted));
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

        var running = await _redis.GetDatabase().KeyTimeToLiveAsync(AdmissionTicket.RunningKey(key.AccountId));
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

        await _gate.ReleaseAsync(ticket, usedTokens: 1500);

        // 500 are owed: half a minute's flow, and the one that is asked for.
        Assert.InRange((await LimitedAsync(key, tokens: 1)).RetryAfter.TotalSeconds, 20, 30.1);
    }

    [Fact]
    public async Task Tokens_GivenBackTwice_NeverFillTheBucketBeyondItsLimit()
    {
        var key = Key(new KeyLimits { TokensPerMinute = 1000 });
        var ticket = await AdmittedAsync(key, tokens: 900);

        await _gate.ReleaseAsync(ticket, usedTokens: 0);
        await _gate.ReleaseAsync(ticket, usedTokens: 0);

        Assert.Equal("1000", (string?)await _redis.GetDatabase().HashGetAsync(AdmissionTicket.LimitsKey(key.AccountId), "tokens"));
    }

    [Fact]
    public async Task Tokens_OfARequestThatOutlivedItsBucket_AreForgotten()
    {
        var key = Key(new KeyLimits { TokensPerMinute = 1000 });
        var ticket = await AdmittedAsync(key, tokens: 900);
        await _redis.GetDatabase().KeyDeleteAsync(AdmissionTicket.LimitsKey(key.AccountId));

        await _gate.ReleaseAsync(ticket, usedTokens: 5000);

        await AdmittedAsync(key, tokens: 1000);
    }

    [Fact]
    public async Task Release_OfOneRequest_LeavesTheOthersRunning()
    {
        var key = Key(new KeyLimits { ParallelRequests = 2, TokensPerMinute = 1000 });
        var first = await AdmittedAsync(key, tokens: 10);
        await AdmittedAsync(key, tokens: 10);

        await _gate.ReleaseAsync(first, usedTokens: 10);
        await _gate.ReleaseAsync(first, usedTokens: 10);

        await AdmittedAsync(key, tokens: 10);
        Assert.Equal("parallel", (await LimitedAsync(key, tokens: 10)).Limit);
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

    private static KeyRecord Key(KeyLimits limits) => new() { AccountId = $"account-{NewId()}", KeyVersion = 1, Limits = limits };

    private static RequestId NewId() => RequestId.New(TimeProvider.System);

    private AdmissionGate NewGate() => new(_redis, Options.Create(_options), NullLogger<AdmissionGate>.Instance);

    private async Task<AdmissionTicket> AdmittedAsync(KeyRecord key, long tokens = 0) =>
        Assert.IsType<AdmissionVerdict.Admitted>(await _gate.AdmitAsync(NewId(), key, tokens)).Ticket;

    private async Task<AdmissionVerdict.Limited> LimitedAsync(KeyRecord key, long tokens = 0) =>
        Assert.IsType<AdmissionVerdict.Limited>(await _gate.AdmitAsync(NewId(), key, tokens));
}
