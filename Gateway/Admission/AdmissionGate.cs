using System.Collections.Concurrent;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Gateway.Admission;

/// <summary>
/// Rate limits per account and per key, before any money moves: one script in the account's slot (<c>admit.lua</c>), so that any number
/// of gateways together let through exactly what is allowed.
/// </summary>
internal sealed class AdmissionGate(IConnectionMultiplexer redis, IOptions<AdmissionOptions> options, ILogger<AdmissionGate> logger)
{
    private static readonly RedisScript Admit = RedisScript.Embedded<AdmissionGate>("admit.lua");
    private static readonly RedisScript Release = RedisScript.Embedded<AdmissionGate>("release.lua");
    private static readonly RedisScript Renew = RedisScript.Embedded<AdmissionGate>("renew.lua");
    private static readonly KeyLimits None = new();

    private readonly ConcurrentDictionary<string, AdmissionTicket> _running = new();

    private long LifeMs => (long)options.Value.EntryLife.TotalMilliseconds;

    public async Task<AdmissionVerdict> AdmitAsync(RequestId requestId, KeyRecord key, long reservedTokens)
    {
        var ticket = new AdmissionTicket(requestId.Value, key.AccountId, key.KeyId, key.Limits ?? None, key.KeyLimits ?? None, reservedTokens);
        RedisValue[] arguments =
        [
            ticket.RequestId, LifeMs, key.KeyVersion, reservedTokens,
            ticket.Account.ParallelRequests, ticket.Account.RequestsPerMinute, ticket.Account.TokensPerMinute,
            ticket.Key.ParallelRequests, ticket.Key.RequestsPerMinute, ticket.Key.TokensPerMinute,
        ];
        try
        {
            var answer = (RedisResult[])(await Admit.RunAsync(redis.GetDatabase(), AdmissionKeys.Of(key.AccountId, key.KeyId), arguments))!;
            return Verdict(answer, ticket);
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            AdmissionLog.RedisAway(logger, error.GetType().Name);
            return new AdmissionVerdict.Unavailable();
        }
    }

    /// <summary>Never throws: an entry that cannot be given back dies by itself.</summary>
    /// <param name="usedTokens">Null: the whole reservation stays spent.</param>
    public async Task ReleaseAsync(AdmissionTicket ticket, long? usedTokens)
    {
        var counted = _running.TryRemove(ticket.RequestId, out _);
        var (ofAccount, ofKey) = (ticket.Back(ticket.Account, usedTokens), ticket.Back(ticket.Key, usedTokens));
        if (!counted && ofAccount == 0 && ofKey == 0)
        {
            return;
        }

        try
        {
            await Release.RunAsync(
                redis.GetDatabase(),
                AdmissionKeys.Of(ticket.AccountId, ticket.KeyId),
                [ticket.RequestId, ticket.Account.TokensPerMinute, ofAccount, ticket.Key.TokensPerMinute, ofKey]);
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            AdmissionLog.NotReleased(logger, ticket.RequestId, error.GetType().Name);
        }
    }

    /// <summary>Keeps the entries of this gateway's running requests alive.</summary>
    public async Task RenewAsync()
    {
        try
        {
            await Task.WhenAll(_running.Values.GroupBy(ticket => (ticket.AccountId, ticket.KeyId)).Select(RenewAsync));
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            AdmissionLog.RedisAway(logger, error.GetType().Name);
        }
    }

    private Task RenewAsync(IGrouping<(string AccountId, string KeyId), AdmissionTicket> tickets)
    {
        var (accountId, keyId) = tickets.Key;
        return Renew.RunAsync(
            redis.GetDatabase(),
            [AdmissionKeys.Running(accountId), AdmissionKeys.Running(accountId, keyId)],
            [LifeMs, .. tickets.Select(ticket => (RedisValue)ticket.RequestId)]);
    }

    private AdmissionVerdict Verdict(RedisResult[] answer, AdmissionTicket ticket)
    {
        var verdict = (string)answer[0]!;
        if (verdict == "stale")
        {
            return new AdmissionVerdict.StaleKey();
        }

        var levels = new RateLevels(Level(answer.AsSpan(4, 3)), Level(answer.AsSpan(7, 3)));
        if (verdict != "admitted")
        {
            return new AdmissionVerdict.Limited(verdict, (string)answer[1]!, TimeSpan.FromMilliseconds((long)answer[2]), levels);
        }

        if (ticket.IsCounted)
        {
            _running[ticket.RequestId] = ticket;
        }

        return new AdmissionVerdict.Admitted(ticket, levels);
    }

    private static RateLevel? Level(ReadOnlySpan<RedisResult> answer) =>
        (long)answer[0] is var limit and > 0 ? new RateLevel(limit, (long)answer[1], TimeSpan.FromMilliseconds((long)answer[2])) : null;
}
