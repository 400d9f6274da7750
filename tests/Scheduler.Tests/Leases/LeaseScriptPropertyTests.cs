using ComputeShare.Scheduler.Leases;
using ComputeShare.Scheduler.Redis;
using ComputeShare.TestSupport.Servers;
using FsCheck;
using FsCheck.Fluent;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Tests.Leases;

/// <summary>
/// Any order of take, renew, release, pause, and Redis losing everything, on a clock that stands still in between: the scripts answer
/// what the model says, and Redis holds what the model holds.
/// </summary>
[Trait("Category", "Integration")]
public sealed class LeaseScriptPropertyTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private const int Life = 15_000;
    private const int Leases = 8;

    private static readonly string Acquire = Scripts.Text("acquire-lease.lua");
    private static readonly string GiveBack = Scripts.Text("release-leases.lua");
    private static readonly string RenewAll = Scripts.Text("renew-leases.lua");

    private ConnectionMultiplexer _redis = null!;
    private int _cases;

    public async ValueTask InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public void Scripts_AnyOrderOfCommands_AnswerWhatTheModelSays() =>
        Prop.ForAll(Cases().ToArbitrary(), RunAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private static Gen<Case> Cases() =>
        from capacity in Gen.Choose(1, 12)
        from slots in Gen.ArrayOf(Gen.Choose(1, LeaseId.MaxSlots), Leases)
        from steps in Gen.ArrayOf(Steps(), 50)
        select new Case(capacity, slots, steps);

    private static Gen<Step> Steps() => Gen.Frequency(
        (6, from lease in Gen.Choose(0, Leases - 1) select (Step)new Take(lease)),
        (4, from leases in Gen.SubListOf(Enumerable.Range(0, Leases)) select (Step)new Release([.. leases])),
        (3, from leases in Gen.SubListOf(Enumerable.Range(0, Leases)) select (Step)new Renew([.. leases])),
        (4, from milliseconds in Gen.Elements(0, 1, 4_999, 5_000, 14_999, 15_000, 15_001) select (Step)new Pass(milliseconds)),
        (1, Gen.Constant((Step)new Lose())));

    private async Task RunAsync(Case @case)
    {
        var node = $"model-{++_cases}";
        var model = new LeaseModel(ScriptClock.Start, Life);
        RedisKey[] leases = [RedisKeys.NodeLeases(node)];
        RedisKey[] both = [RedisKeys.NodeLeases(node), RedisKeys.NodeReleases(node)];
        var database = _redis.GetDatabase();
        foreach (var step in @case.Steps)
        {
            switch (step)
            {
                case Take take:
                    Assert.Equal(
                        model.Acquire(Name(take.Lease), @case.Slots[take.Lease], @case.Capacity),
                        await AnswerAsync(Acquire, leases, Name(take.Lease), @case.Slots[take.Lease], @case.Capacity, Life, RedisKeys.SlotsChannel, node));
                    await OutlivesTheLastLeaseAsync();
                    break;
                case Release release:
                    Assert.Equal(
                        model.Release(release.Leases.Select(Name)),
                        await AnswerAsync(
                            GiveBack, both, [@case.Capacity, LeaseId.MaxSlots, Life, RedisKeys.SlotsChannel, node, .. Named(release.Leases)]));
                    break;
                case Renew renew:
                    Assert.Equal(
                        model.Renew(renew.Leases.Select(lease => (Name(lease), @case.Slots[lease])), @case.Capacity),
                        await AnswerAsync(
                            RenewAll, both, [@case.Capacity, Life, .. Named(renew.Leases)]));
                    await OutlivesTheLastLeaseAsync();
                    break;
                case Pass pass:
                    model.Now += pass.Milliseconds;
                    break;
                case Lose:
                    model.Flush();
                    await database.KeyDeleteAsync(both);
                    break;
            }

            var taken = await database.SortedSetLengthAsync(leases[0], min: model.Now, exclude: Exclude.Start);
            Assert.Equal(model.Taken, taken);
            Assert.InRange(taken, 0, @case.Capacity);
        }

        // Whatever has happened: after one life every slot is free.
        model.Now += Life;
        var rest = await AnswerAsync(Acquire, leases, "rest", @case.Capacity, @case.Capacity, Life, RedisKeys.SlotsChannel, node);
        Assert.Equal([1, @case.Capacity, Life], rest);

        // Never sooner; one life later where the last lease was given back.
        async Task OutlivesTheLastLeaseAsync()
        {
            if (model.LastEnd is { } end)
            {
                Assert.InRange((long)await database.ExecuteAsync("PEXPIRETIME", leases[0]), end, end + Life);
            }
        }

        IEnumerable<RedisValue> Named(IEnumerable<int> some) => some.SelectMany(lease => (RedisValue[])[Name(lease), @case.Slots[lease]]);

        // Without the version, which is the clock.
        async Task<long[]> AnswerAsync(string script, RedisKey[] keys, params RedisValue[] arguments)
        {
            var answer = (long[])(await database.ScriptEvaluateAsync(ScriptClock.At(script, model.Now), keys, arguments))!;
            var version = script == Acquire ? 2 : 1;
            Assert.Equal(model.Now * 1000, answer[version]);
            return [.. answer.Where((_, part) => part != version)];
        }
    }

    private static string Name(int lease) => $"lease-{lease}";

    private sealed record Case(int Capacity, int[] Slots, Step[] Steps)
    {
        public override string ToString() => $"{Capacity} slots; leases of {string.Join(", ", Slots)}; {string.Join("; ", Steps.AsEnumerable())}";
    }

    private abstract record Step;

    private sealed record Take(int Lease) : Step;

    private sealed record Release(int[] Leases) : Step
    {
        public override string ToString() => $"Release {string.Join(", ", Leases)}";
    }

    private sealed record Renew(int[] Leases) : Step
    {
        public override string ToString() => $"Renew {string.Join(", ", Leases)}";
    }

    private sealed record Pass(int Milliseconds) : Step;

    private sealed record Lose : Step;
}
