using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Admission;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Gateway.Tests.Admission;

/// <summary>Accounts spread over the masters of a Redis Cluster; all keys of one lie together.</summary>
[Trait("Category", "Integration")]
public sealed class RedisClusterTests(RedisCluster cluster) : IClassFixture<RedisCluster>
{
    private const int Accounts = 12;
    private const int Limit = 5;

    [Fact]
    public async Task Limits_OnACluster_AreExactForEveryAccount()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(cluster.ConnectionString);
        var gates = Enumerable.Range(0, 3).Select(_ => new AdmissionGate(redis, Options.Create(new AdmissionOptions()), NullLogger<AdmissionGate>.Instance)).ToArray();
        var records = Enumerable.Range(0, Accounts).Select(account => Record($"account-{account}")).ToArray();

        var tickets = await AskAllAsync(gates, records);
        await gates[0].RenewAsync();
        await Task.WhenAll(tickets.Select(ticket => gates[0].ReleaseAsync(ticket, usedTokens: 0)));
        await AskAllAsync(gates, records);

        Assert.All(await cluster.CountKeysAsync("{a:*}:running"), count => Assert.InRange(count, 1, Accounts - 1));
        await cluster.KillAsync(1);
        await Poll.UntilAsync("a gate says so", async () => await AskAsync(gates[0], records) == "Unavailable", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await cluster.RestartAsync(1, TestContext.Current.CancellationToken);
        await Poll.UntilAsync("all gates are back", async () => await AskAsync(gates[0], records) == "", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static async Task<AdmissionTicket[]> AskAllAsync(AdmissionGate[] gates, KeyRecord[] records)
    {
        var asked = await Task.WhenAll(
            from record in records
            from request in Enumerable.Range(0, 3 * Limit)
            select gates[request % gates.Length].AdmitAsync(RequestId.New(TimeProvider.System), record, 10));
        var tickets = asked.OfType<AdmissionVerdict.Admitted>().Select(admitted => admitted.Ticket).ToArray();
        Assert.Equal(Accounts, tickets.GroupBy(ticket => ticket.AccountId).Count(account => account.Count() == Limit));
        Assert.Equal(Accounts * 2 * Limit, asked.OfType<AdmissionVerdict.Limited>().Count());
        return tickets;
    }

    private static async Task<string> AskAsync(AdmissionGate gate, KeyRecord[] records)
    {
        var verdicts = await Task.WhenAll(records.Select(record => gate.AdmitAsync(RequestId.New(TimeProvider.System), record, 10)));
        return verdicts.OfType<AdmissionVerdict.Unavailable>().Any() ? nameof(AdmissionVerdict.Unavailable) : "";
    }

    // Nothing flows back within the test: exact.
    private static KeyRecord Record(string account) => new()
    {
        AccountId = account,
        KeyId = "key",
        KeyVersion = 1,
        Limits = new KeyLimits { ParallelRequests = Limit },
        KeyLimits = new KeyLimits { ParallelRequests = 2 * Limit, RequestsPerMinute = 10 * Limit, TokensPerMinute = 1_000_000 },
    };
}
