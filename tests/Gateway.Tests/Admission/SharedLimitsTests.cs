using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Admission;
using ComputeShare.TestSupport.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Gateway.Tests.Admission;

/// <summary>Three gateways with a connection each, thousands of requests at once: together they let through what one would.</summary>
[Trait("Category", "Integration")]
public sealed class SharedLimitsTests(RedisServer server) : IAsyncLifetime
{
    private const int Gateways = 3;
    private const int Requests = 3000;

    private readonly List<ConnectionMultiplexer> _connections = [];
    private AdmissionGate[] _gates = [];

    public async ValueTask InitializeAsync()
    {
        for (var gateway = 0; gateway < Gateways; gateway++)
        {
            _connections.Add(await ConnectionMultiplexer.ConnectAsync(server.ConnectionString + ",asyncTimeout=30000"));
        }

        _gates = [.. _connections.Select(redis => new AdmissionGate(redis, Options.Create(new AdmissionOptions()), NullLogger<AdmissionGate>.Instance))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ParallelRequests_AskedOfThreeGateways_AreExactlyTheLimit(bool ofKey)
    {
        var (admitted, _) = await AskAsync(Record(ofKey, new KeyLimits { ParallelRequests = 70 }), tokens: 0);

        Assert.Equal(70, admitted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_AskedOfThreeGateways_AreTheLimitAndWhatFlowedInMeanwhile(bool ofKey)
    {
        const int Limit = 300;
        var (admitted, seconds) = await AskAsync(Record(ofKey, new KeyLimits { RequestsPerMinute = Limit }), tokens: 0);

        Assert.InRange(admitted, Limit, Limit + (Limit / 60.0 * seconds));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tokens_AskedOfThreeGateways_AreTheLimitAndWhatFlowedInMeanwhile(bool ofKey)
    {
        const int Limit = 60_000;
        const int Each = 100;
        var (admitted, seconds) = await AskAsync(Record(ofKey, new KeyLimits { TokensPerMinute = Limit }), Each);

        Assert.InRange(admitted, Limit / Each, (Limit + (Limit / 60.0 * seconds)) / Each);
    }

    [Fact]
    public async Task Tokens_GivenBackByThreeGateways_AreAllThereAgain()
    {
        const int Limit = 1_000_000;
        var record = Record(ofKey: true, new KeyLimits { TokensPerMinute = Limit });
        var start = TimeProvider.System.GetTimestamp();
        var tickets = await Task.WhenAll(Enumerable.Range(0, Requests).Select(async request =>
            Assert.IsType<AdmissionVerdict.Admitted>(await _gates[request % Gateways].AdmitAsync(NewId(), record, 300)).Ticket));
        await Task.WhenAll(tickets.Select((ticket, request) => _gates[(request + 1) % Gateways].ReleaseAsync(ticket, usedTokens: 290)));

        var left = Assert.IsType<AdmissionVerdict.Admitted>(await _gates[0].AdmitAsync(NewId(), record, 0)).Levels.Tokens!.Remaining;

        var flowedIn = Limit / 60.0 * TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Assert.InRange(left, Limit - (290 * Requests), Math.Min(Limit, Limit - (290 * Requests) + flowedIn));
    }

    private static RequestId NewId() => RequestId.New(TimeProvider.System);

    private static KeyRecord Record(bool ofKey, KeyLimits limits) => new()
    {
        AccountId = $"account-{NewId()}",
        KeyId = "key",
        KeyVersion = 1,
        Limits = ofKey ? new KeyLimits() : limits,
        KeyLimits = ofKey ? limits : new KeyLimits(),
    };

    private async Task<(int Admitted, double Seconds)> AskAsync(KeyRecord record, long tokens)
    {
        var start = TimeProvider.System.GetTimestamp();
        var verdicts = await Task.WhenAll(Enumerable.Range(0, Requests).Select(request => _gates[request % Gateways].AdmitAsync(NewId(), record, tokens)));
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Assert.All(verdicts, verdict => Assert.True(verdict is AdmissionVerdict.Admitted or AdmissionVerdict.Limited, $"{verdict}"));
        return (verdicts.Count(verdict => verdict is AdmissionVerdict.Admitted), seconds);
    }
}
