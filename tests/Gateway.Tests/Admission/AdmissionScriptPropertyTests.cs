using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Admission;
using ComputeShare.TestSupport.Servers;
using FsCheck;
using FsCheck.Fluent;
using StackExchange.Redis;

namespace ComputeShare.Gateway.Tests.Admission;

/// <summary>Any order of admissions, releases, renewals and pauses, on a clock that stands still in between: the scripts answer what the model says.</summary>
[Trait("Category", "Integration")]
public sealed class AdmissionScriptPropertyTests(RedisServer server) : IAsyncLifetime
{
    private const int EntryLife = 30_000;

    private static readonly string Admit = Script("admit.lua");
    private static readonly string Release = Script("release.lua");
    private static readonly string Renew = Script("renew.lua");

    private ConnectionMultiplexer _redis = null!;
    private int _cases;

    public async ValueTask InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public void Scripts_AnyOrderOfCommands_AnswerWhatTheModelSays() =>
        Prop.ForAll(Cases().ToArbitrary(), RunAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private static Gen<Case> Cases() =>
        from account in Limits()
        from first in Limits()
        from second in Limits()
        from steps in Gen.ArrayOf(Steps(), 40)
        select new Case(account, [first, second], steps);

    private static Gen<KeyLimits> Limits() =>
        from parallel in Gen.Elements(0u, 0u, 1u, 3u)
        from requests in Gen.Elements(0u, 1u, 7u, 90u, uint.MaxValue)
        from tokens in Gen.Elements(0u, 1u, 1_000u, 90_001u, uint.MaxValue)
        select new KeyLimits { ParallelRequests = parallel, RequestsPerMinute = requests, TokensPerMinute = tokens };

    private static Gen<Step> Steps() => Gen.Frequency(
        (4, from key in Gen.Choose(0, 1) from tokens in Gen.Elements(0, 1, 37, 999, 5_000_000) select (Step)new Ask(key, tokens)),
        (3, from which in Gen.Choose(0, 1000) from used in Gen.Elements(0, 1, 36, 38, 4_000, 7_000_000) select (Step)new End(which, used)),
        (1, from key in Gen.Choose(0, 1) select (Step)new KeepAlive(key)),
        (3, from milliseconds in Gen.Elements(0, 1, 7, 250, 8_571, 29_999, 61_000) select (Step)new Pass(milliseconds)));

    private async Task RunAsync(Case @case)
    {
        var accountId = $"model-{++_cases}";
        var model = new LimitsModel(ScriptClock.Start, EntryLife, @case.Account, @case.Keys);
        var running = new List<(string Request, int Key, long Reserved)>();
        var asked = 0;
        foreach (var step in @case.Steps)
        {
            switch (step)
            {
                case Ask ask:
                    var request = $"request-{++asked}";
                    var expected = model.Admit(ask.Key, request, ask.Tokens);
                    var answer = await RunAsync(Admit, model, KeysOf(ask.Key),
                        [request, EntryLife, 1, ask.Tokens, .. LimitsOf(@case.Account), .. LimitsOf(@case.Keys[ask.Key])]);
                    Assert.Equal(expected, ((RedisResult[])answer!).Select(part => (string?)part));
                    if (expected[0] == "admitted")
                    {
                        running.Add((request, ask.Key, ask.Tokens));
                    }

                    break;
                case End end when running.Count > 0:
                    var ticket = running[end.Which % running.Count];
                    running.Remove(ticket);
                    model.Release(ticket.Key, ticket.Request, ticket.Reserved, end.Used);
                    var limits = @case.Keys[ticket.Key];
                    var taken = new AdmissionTicket(ticket.Request, accountId, "", @case.Account, limits, ticket.Reserved);
                    await RunAsync(Release, model, KeysOf(ticket.Key),
                    [
                        ticket.Request, @case.Account.TokensPerMinute, taken.Back(@case.Account, end.Used),
                        limits.TokensPerMinute, taken.Back(limits, end.Used),
                    ]);
                    break;
                case KeepAlive renew:
                    var kept = running.Where(entry => entry.Key == renew.Key).Select(entry => entry.Request).ToArray();
                    model.Renew(renew.Key, kept);
                    var keys = KeysOf(renew.Key);
                    await RunAsync(Renew, model, [keys[0], keys[2]], [EntryLife, .. kept.Select(entry => (RedisValue)entry)]);
                    break;
                case Pass pass:
                    model.Now += pass.Milliseconds;
                    break;
            }
        }

        RedisKey[] KeysOf(int key) => AdmissionKeys.Of(accountId, $"key-{key}");
    }

    private Task<RedisResult> RunAsync(string script, LimitsModel model, RedisKey[] keys, RedisValue[] arguments) =>
        _redis.GetDatabase().ScriptEvaluateAsync(ScriptClock.At(script, model.Now), keys, arguments);

    private static RedisValue[] LimitsOf(KeyLimits limits) => [limits.ParallelRequests, limits.RequestsPerMinute, limits.TokensPerMinute];

    private static string Script(string name)
    {
        using var stream = typeof(AdmissionGate).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private sealed record Case(KeyLimits Account, KeyLimits[] Keys, Step[] Steps)
    {
        public override string ToString() => $"{Account}; {string.Join("; ", Keys.AsEnumerable())}; {string.Join("; ", Steps.AsEnumerable())}";
    }

    private abstract record Step;

    private sealed record Ask(int Key, int Tokens) : Step;

    private sealed record End(int Which, int Used) : Step;

    private sealed record KeepAlive(int Key) : Step;

    private sealed record Pass(int Milliseconds) : Step;
}
