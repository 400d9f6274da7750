using System.Collections.Concurrent;
using System.Globalization;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Gateway.Admission;

/// <summary>
/// Rate limits per account, before any money moves: one script in the account's slot (<c>admit.lua</c>), so that any number of gateways
/// together let through exactly what is allowed.
/// </summary>
internal sealed class AdmissionGate(IConnectionMultiplexer redis, IOptions<AdmissionOptions> options, ILogger<AdmissionGate> logger)
{
    private static readonly RedisScript Admit = RedisScript.Embedded<AdmissionGate>("admit.lua");
    private static readonly RedisScript Release = RedisScript.Embedded<AdmissionGate>("release.lua");

    private readonly ConcurrentDictionary<string, AdmissionTicket> _running = new();

    public async Task<AdmissionVerdict> AdmitAsync(RequestId requestId, KeyRecord key, long reservedTokens)
    {
        var limits = key.Limits ?? new KeyLimits();
        RedisValue[] arguments =
        [
            requestId.Value, (long)options.Value.EntryLife.TotalMilliseconds, key.KeyVersion,
            limits.ParallelRequests, limits.RequestsPerMinute, limits.TokensPerMinute, reservedTokens,
        ];
        try
        {
            var answer = (RedisResult[])(await Admit.RunAsync(redis.GetDatabase(), Keys(key.AccountId), arguments))!;
            return Verdict((string)answer[0]!, (long)answer[1]);
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            AdmissionLog.RedisAway(logger, error.GetType().Name);
            return new AdmissionVerdict.Unavailable();
        }

        AdmissionVerdict Verdict(string verdict, long retryAfter)
        {
            if (verdict != "admitted")
            {
                return verdict == "stale"
                    ? new AdmissionVerdict.StaleKey()
                    : new AdmissionVerdict.Limited(verdict, TimeSpan.FromMilliseconds(retryAfter));
            }

            // As in the script: never more than the whole bucket.
            var ticket = new AdmissionTicket(requestId.Value, key.AccountId, limits.TokensPerMinute, Math.Min(reservedTokens, limits.TokensPerMinute));
            if (limits.ParallelRequests > 0)
            {
                _running[ticket.RequestId] = ticket;
            }

            return new AdmissionVerdict.Admitted(ticket);
        }
    }

    /// <summary>Never throws: an entry that cannot be given back dies by itself.</summary>
    /// <param name="usedTokens">Null: the whole reservation stays spent.</param>
    public async Task ReleaseAsync(AdmissionTicket ticket, long? usedTokens)
    {
        var counted = _running.TryRemove(ticket.RequestId, out _);
        var back = ticket.ReservedTokens - (usedTokens ?? ticket.ReservedTokens);
        if (!counted && (ticket.TokensPerMinute == 0 || back == 0))
        {
            return;
        }

        try
        {
            await Release.RunAsync(redis.GetDatabase(), Keys(ticket.AccountId), [ticket.RequestId, ticket.TokensPerMinute, back]);
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
            await Task.WhenAll(_running.Values.Select(RenewAsync));
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            AdmissionLog.RedisAway(logger, error.GetType().Name);
        }
    }

    private async Task RenewAsync(AdmissionTicket ticket)
    {
        var database = redis.GetDatabase();
        var life = options.Value.EntryLife;
        // XX: a request that has ended meanwhile does not come back.
        var now = (RedisResult[])(await database.ExecuteAsync("TIME"))!;
        var expiry = (long.Parse((string)now[0]!, CultureInfo.InvariantCulture) * 1000) + (long)life.TotalMilliseconds;
        var running = AdmissionTicket.RunningKey(ticket.AccountId);
        await database.SortedSetAddAsync(running, ticket.RequestId, expiry, SortedSetWhen.Exists);
        await database.KeyExpireAsync(running, life * 2);
    }

    private static RedisKey[] Keys(string accountId) => [AdmissionTicket.RunningKey(accountId), AdmissionTicket.LimitsKey(accountId)];
}
