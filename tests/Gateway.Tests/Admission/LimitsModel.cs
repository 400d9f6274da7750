using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Tests.Admission;

/// <summary>What <c>admit.lua</c>, <c>release.lua</c> and <c>renew.lua</c> promise, in plain C#: one account and its keys, on a clock of its own.</summary>
internal sealed class LimitsModel(long now, long entryLife, KeyLimits account, IReadOnlyList<KeyLimits> keys)
{
    private const long Minute = 60_000;

    private readonly Scope _account = new("account", account);
    private readonly Scope[] _keys = [.. keys.Select(limits => new Scope("key", limits))];

    public long Now { get; set; } = now;

    /// <summary>The script's answer: verdict, whose, wait, version, and what is left of requests and of tokens.</summary>
    public string[] Admit(int key, string request, long tokens)
    {
        Scope[] scopes = [_account, _keys[key]];
        var (verdict, whose, wait) = ("admitted", "", 0L);
        foreach (var scope in scopes.Where(scope => scope.Limits.ParallelRequests > 0 && scope.Running.Values.Count(end => end > Now) >= scope.Limits.ParallelRequests))
        {
            Refuse("parallel", scope, 1000);
        }

        foreach (var scope in scopes)
        {
            Look("requests", scope, scope.Requests, 1);
        }

        foreach (var scope in scopes)
        {
            Look("tokens", scope, scope.Tokens, tokens);
        }

        if (verdict == "admitted")
        {
            foreach (var scope in scopes)
            {
                scope.Running[request] = Now + entryLife;
                scope.Requests.Take(Now, 1);
                scope.Tokens.Take(Now, Math.Min(tokens, scope.Tokens.Limit));
            }
        }

        return [verdict, whose, $"{wait}", "1", .. Scarcer(scopes, scope => scope.Requests), .. Scarcer(scopes, scope => scope.Tokens)];

        void Look(string kind, Scope scope, Bucket bucket, long wanted)
        {
            var missing = (Math.Min(wanted, bucket.Limit) * Minute) - bucket.LevelAt(Now);
            if (bucket.Limit > 0 && missing > 0)
            {
                Refuse(kind, scope, Ceiling(missing, bucket.Limit));
            }
        }

        void Refuse(string kind, Scope scope, long ms) => (verdict, whose, wait) = ms > wait ? (kind, scope.Name, ms) : (verdict, whose, wait);
    }

    public void Release(int key, string request, long reserved, long used)
    {
        foreach (var scope in (Scope[])[_account, _keys[key]])
        {
            scope.Running.Remove(request);
            if (Math.Min(reserved, scope.Tokens.Limit) != used)
            {
                scope.Tokens.Take(Now, used - Math.Min(reserved, scope.Tokens.Limit));
            }
        }
    }

    public void Renew(int key, IEnumerable<string> requests)
    {
        foreach (var request in requests)
        {
            foreach (var scope in (Scope[])[_account, _keys[key]])
            {
                if (scope.Running.GetValueOrDefault(request) > Now)
                {
                    scope.Running[request] = Now + entryLife;
                }
            }
        }
    }

    private string[] Scarcer(Scope[] scopes, Func<Scope, Bucket> kind)
    {
        var limited = scopes.Select(kind).Where(bucket => bucket.Limit > 0).ToArray();
        return limited.MinBy(bucket => Left(bucket)) is { } bucket
            ? [$"{bucket.Limit}", $"{Left(bucket)}", $"{Ceiling((bucket.Limit * Minute) - bucket.LevelAt(Now), bucket.Limit)}"]
            : ["0", "0", "0"];
    }

    private long Left(Bucket bucket) => Math.Max(0, bucket.LevelAt(Now)) / Minute;

    private static long Ceiling(long dividend, long divisor) => (dividend + divisor - 1) / divisor;

    private sealed class Scope(string name, KeyLimits limits)
    {
        public string Name => name;

        public KeyLimits Limits => limits;

        public Dictionary<string, long> Running { get; } = [];

        public Bucket Requests { get; } = new(limits.RequestsPerMinute);

        public Bucket Tokens { get; } = new(limits.TokensPerMinute);
    }

    /// <summary>In 60,000ths, like the script: one millisecond adds as many as the limit is.</summary>
    private sealed class Bucket(long limit)
    {
        private long _level = limit * Minute;
        private long _at;

        public long Limit => limit;

        public long LevelAt(long now) => Math.Min(limit * Minute, _level + ((now - _at) * limit));

        public void Take(long now, long amount)
        {
            if (limit > 0)
            {
                (_level, _at) = (Math.Min(limit * Minute, LevelAt(now) - (amount * Minute)), now);
            }
        }
    }
}
