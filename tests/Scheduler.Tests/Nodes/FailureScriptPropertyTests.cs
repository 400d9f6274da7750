using ComputeShare.Scheduler.Redis;
using ComputeShare.TestSupport.Servers;
using FsCheck;
using FsCheck.Fluent;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Tests.Nodes;

/// <summary>Failures, successes and pauses of one node in any order, on a clock that stands still in between.</summary>
[Trait("Category", "Integration")]
public sealed class FailureScriptPropertyTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private const long Longest = 30_000;
    private const long Remember = 300_000;

    private static readonly string Count = Scripts.Text("count-failure.lua");
    private static readonly string Forgive = Scripts.Text("forgive-failures.lua");
    private static readonly string Read = Scripts.Text("read-failures.lua");

    private ConnectionMultiplexer _redis = null!;
    private int _cases;

    public async ValueTask InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public void Scripts_AnyOrderOfEnds_CoolTheNodeDownAsTheModelSays() =>
        Prop.ForAll(Gen.ArrayOf(Steps(), 40).ToArbitrary(), RunAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private static Gen<Step> Steps() => Gen.Frequency(
        (4, Gen.Elements<Step>(new Fail(1_000), new Fail(15_000))),
        (1, Gen.Constant<Step>(new Succeed())),
        (3, Gen.Elements(0, 999, 1_000, 7_000, 30_000, 330_001).Select(milliseconds => (Step)new Pass(milliseconds))));

    private async Task RunAsync(Step[] steps)
    {
        var node = $"failures-{++_cases}";
        RedisKey key = RedisKeys.NodeFailures(node);
        var (now, failures, until) = (ScriptClock.Start, 0L, 0L);
        foreach (var step in steps)
        {
            switch (step)
            {
                case Fail fail:
                    if (now >= until)
                    {
                        failures++;
                        until = now + Math.Min(fail.First << (int)Math.Min(failures - 1, 30), Longest);
                        // Time goes on for Redis only: the rest of the key's life is told from here.
                        Assert.Equal((long[])[failures, until - now], await AnswerAsync(Count, fail.First, Longest, Remember, RedisKeys.CoolDownsChannel, node));
                        Assert.InRange((await _redis.GetDatabase().KeyTimeToLiveAsync(key))!.Value.TotalMilliseconds, until - now + Remember - 10_000, until - now + Remember);
                    }
                    else
                    {
                        // Its attempt began before the cool-down.
                        Assert.Equal((long[])[failures, until - now], await AnswerAsync(Count, fail.First, Longest, Remember, RedisKeys.CoolDownsChannel, node));
                    }

                    break;
                case Succeed:
                    // During a cool-down it says nothing: its attempt began before.
                    (failures, until) = now < until ? (failures, until) : (0, 0);
                    Assert.Equal((long[])[failures, Math.Max(0, until - now)], await AnswerAsync(Forgive, RedisKeys.CoolDownsChannel, node, Longest));
                    break;
                case Pass pass:
                    now += pass.Milliseconds;
                    if (failures > 0 && now >= until + Remember)
                    {
                        // As Redis does when the key's life is over.
                        (failures, until) = (0, 0);
                        await _redis.GetDatabase().KeyDeleteAsync(key);
                    }

                    break;
            }

            Assert.Equal((long[])[failures, Math.Max(0, until - now)], await AnswerAsync(Read));
        }

        async Task<long[]> AnswerAsync(string script, params RedisValue[] arguments)
        {
            var answer = (long[])(await _redis.GetDatabase().ScriptEvaluateAsync(ScriptClock.At(script, now), [key], arguments))!;
            Assert.Equal(now * 1000, answer[2]);
            return answer[..2];
        }
    }

    private abstract record Step;

    private sealed record Fail(long First) : Step;

    private sealed record Succeed : Step;

    private sealed record Pass(int Milliseconds) : Step;
}
