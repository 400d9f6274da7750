using ComputeShare.Contracts.Scheduling;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Grpc.Core;

namespace ComputeShare.Scheduler.Tests.Sessions;

[Trait("Category", "Integration")]
public sealed class SchedulerSessionTests(RedisServer redis) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private TestScheduler _scheduler = null!;
    private TestSession _session = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await redis.FlushAsync();
        _scheduler = await TestScheduler.StartAsync(redis.ConnectionString, "--Queue:Limit=2");
        _session = _scheduler.OpenSession();
        await Poll.UntilAsync("Redis is connected", async () => await _scheduler.HealthAsync("/health") == "Healthy", Limit, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _scheduler.DisposeAsync();
    }

    [Fact]
    public async Task Reserve_LiveNode_GivesLeaseNodeAndPrice()
    {
        Assert.NotNull((await _session.ReportAsync(Reports.Of("n1"))).Done);

        var reserved = (await _session.ReserveAsync()).Reserved;

        Assert.Equal(("n1", "alice", Reports.Model, "local:" + Reports.Model), (reserved.NodeId, reserved.HosterName, reserved.ModelId, reserved.LocalModel));
        Assert.Equal(("price-n1", 100L), (reserved.Price.PriceId, reserved.Price.Prices.Output));
        Assert.Equal(15_000u, reserved.ExpiresInMs);
        Assert.Equal(4096u, reserved.ContextLength);
        Assert.NotNull((await _session.ReleaseAsync(reserved)).Done);
    }

    [Fact]
    public async Task Reserve_EverySlotOfEveryNode_ThenBusyUntilOneIsReleased()
    {
        await _session.ReportAsync(Reports.Of("n1"));
        await _session.ReportAsync(Reports.Of("n2"));
        var leases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _session.ReserveAsync()));

        Assert.Equal([4, 4], leases.GroupBy(lease => lease.Reserved.NodeId).Select(node => node.Count()));
        var busy = (await _session.ReserveAsync()).Refused;
        Assert.Equal((RefusalKind.Busy, 2000u), (busy.Kind, busy.RetryAfterMs));
        Assert.Equal(2u, busy.Explanation.Filtered["free_slots"]);

        await _session.ReleaseAsync(leases[3].Reserved);
        Assert.Equal(leases[3].Reserved.NodeId, (await _session.ReserveAsync()).Reserved.NodeId);
    }

    [Fact]
    public async Task Reserve_MoreThanHalfOfTheSlotsFree_NeedsNoHurry()
    {
        await _session.ReportAsync(Reports.Of("n1"));

        foreach (var noHurry in (bool[])[true, false, false, false])
        {
            Assert.Equal(noHurry, (await _session.ReserveAsync()).Reserved.NoHurry);
        }
    }

    [Fact]
    public async Task Reserve_NobodyHasTheModel_IsUnknown()
    {
        Assert.Equal(RefusalKind.UnknownModel, (await _session.ReserveAsync("acme/absent")).Refused.Kind);
        Assert.Equal(RefusalKind.NoNode, (await _session.ReserveAsync("auto")).Refused.Kind);
    }

    [Fact]
    public async Task Reserve_Explained_NamesFiltersAndScores()
    {
        await _session.ReportAsync(Reports.Of("n1"));
        await _session.ReportAsync(Reports.Of("n2", change: report => report.State.Draining = true));

        var answer = await _session.SendAsync(new SchedulerCommand { Reserve = new Reserve { Models = { "auto" }, Explain = true } });

        Assert.Equal(2u, answer.Reserved.Explanation.Candidates);
        Assert.Equal(1u, answer.Reserved.Explanation.Filtered["live"]);
        Assert.Equal(["affinity", "counts", "errors", "load", "price", "probes", "throughput", "ttft"], answer.Reserved.Explanation.Score.Keys.Order());
    }

    [Fact]
    public async Task Reserve_WaitsAndASlotIsReleased_IsServed()
    {
        await _session.ReportAsync(Reports.Of("n1", slots: 1));
        var first = (await _session.ReserveAsync()).Reserved;
        var waiting = _session.ReserveAsync(waitMs: 15_000);
        await WaitersAsync(1);

        await _session.ReleaseAsync(first);

        Assert.Equal("n1", (await waiting).Reserved.NodeId);
    }

    [Fact]
    public async Task Reserve_WaitIsOver_IsBusy()
    {
        await _session.ReportAsync(Reports.Of("n1", slots: 1));
        await _session.ReserveAsync();

        var refused = (await _session.ReserveAsync(waitMs: 30)).Refused;

        Assert.Equal(RefusalKind.Busy, refused.Kind);
        Assert.InRange(refused.QueueMs, 25u, 15_000u);
    }

    [Fact]
    public async Task Reserve_TheNodeGoesWhileItWaits_IsToldWhatIsSoThen()
    {
        await _session.ReportAsync(Reports.Of("n1", slots: 1));
        await _session.ReserveAsync();
        var waiting = _session.ReserveAsync(waitMs: 1000);
        await WaitersAsync(1);

        await _session.ReportAsync(Reports.Of("n1", slots: 1, sequence: 2, change: report => report.State.Draining = true));

        Assert.Equal(RefusalKind.NoNode, (await waiting).Refused.Kind);
    }

    [Fact]
    public async Task Reserve_MoreWaitThanTheRoomHolds_QueueIsFull()
    {
        await _session.ReportAsync(Reports.Of("n1", slots: 1));
        await _session.ReserveAsync();
        var waiting = new[] { _session.ReserveAsync(waitMs: 15_000), _session.ReserveAsync(waitMs: 15_000) };
        await WaitersAsync(2);

        Assert.Equal(RefusalKind.QueueFull, (await _session.ReserveAsync(waitMs: 15_000)).Refused.Kind);
        Assert.All(waiting, wait => Assert.False(wait.IsCompleted));
    }

    [Fact]
    public async Task Reserve_OthersFillTheRoomForAnotherModel_IsServedAtOnce()
    {
        await _session.ReportAsync(Reports.Of("n1", slots: 1));
        await _session.ReserveAsync();
        _ = new[] { _session.ReserveAsync(waitMs: 15_000), _session.ReserveAsync(waitMs: 15_000) };
        await WaitersAsync(2);
        await _session.ReportAsync(Reports.Of("n2", change: Reports.Only(report => Reports.Add(report, "acme/other"))));

        Assert.Equal("n2", (await _session.ReserveAsync("acme/other", waitMs: 15_000)).Reserved.NodeId);
    }

    [Fact]
    public async Task Cancel_WaitingReserve_IsRefusedAndTakesNoSlot()
    {
        await _session.ReportAsync(Reports.Of("n1", slots: 1));
        var first = (await _session.ReserveAsync()).Reserved;
        var waiting = _session.ReserveAsync(waitMs: 15_000);
        await WaitersAsync(1);

        Assert.NotNull((await _session.SendAsync(new SchedulerCommand { Cancel = _session.LastId })).Done);

        Assert.Equal(RefusalKind.Cancelled, (await waiting).Refused.Kind);
        await _session.ReleaseAsync(first);
        Assert.NotNull((await _session.ReserveAsync()).Reserved);
    }

    [Fact]
    public async Task Session_EndsWhileAReserveWaits_LeavesTheRoomWithoutASlot()
    {
        await _session.ReportAsync(Reports.Of("n1", slots: 1));
        var first = (await _session.ReserveAsync()).Reserved;
        await using (var other = _scheduler.OpenSession())
        {
            _ = other.ReserveAsync(waitMs: 15_000);
            await WaitersAsync(1);
        }

        await WaitersAsync(0);
        await _session.ReleaseAsync(first);
        Assert.NotNull((await _session.ReserveAsync()).Reserved);
    }

    [Fact]
    public async Task Renew_HeldAndStrange_ReportsTheStrangeAsLost()
    {
        await _session.ReportAsync(Reports.Of("n1"));
        var lease = (await _session.ReserveAsync()).Reserved;

        var renewed = await _session.SendAsync(new SchedulerCommand
        {
            Renew = new Renew
            {
                Leases =
                {
                    new LeaseRef { LeaseId = lease.LeaseId, NodeId = "n1" },
                    new LeaseRef { LeaseId = "no lease of ours", NodeId = "n1" },
                },
            },
        });

        Assert.Equal(["no lease of ours"], renewed.Renewed.LostLeaseIds);
    }

    [Fact]
    public async Task NodeGone_ItsModel_IsNoLongerServed()
    {
        await _session.ReportAsync(Reports.Of("n1"));
        await _session.SendAsync(new SchedulerCommand { NodeGone = new NodeGone { NodeId = "n1", Incarnation = "first", LastSequence = 1 } });

        Assert.Equal(RefusalKind.NoNode, (await _session.ReserveAsync()).Refused.Kind);
    }

    [Fact]
    public async Task NodeReport_Malformed_IsIgnored()
    {
        Assert.NotNull((await _session.ReportAsync(new NodeReport())).Done);
        Assert.NotNull((await _session.SendAsync(new SchedulerCommand())).Unavailable);
    }

    [Fact]
    public async Task ListLiveModels_TwoNodes_GivesTheLowestPriceAndTheLargestWindow()
    {
        await _session.ReportAsync(Reports.Of("n1", change: Reports.Price(300)));
        await _session.ReportAsync(Reports.Of("n2", change: report => report.State.Models[0].ContextLength = 9999));
        using var channel = _scheduler.OpenChannel();

        var reply = await new Contracts.Scheduling.Scheduler.SchedulerClient(channel.WithSecret(TestScheduler.Secret))
            .ListLiveModelsAsync(new ListLiveModelsRequest(), cancellationToken: Token);

        var model = Assert.Single(reply.Models);
        Assert.Equal((Reports.Model, 2u, 9999u, 100L), (model.ModelId, model.Nodes, model.ContextLength, model.Prices.Input));
    }

    [Fact]
    public async Task Session_WrongSecret_IsUnauthenticated()
    {
        using var channel = _scheduler.OpenChannel();
        using var call = new Contracts.Scheduling.Scheduler.SchedulerClient(channel.WithSecret("not the secret")).Session(cancellationToken: Token);

        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Token));

        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
    }

    [Fact]
    public async Task Call_OfAnyMethodWithoutTheSecret_IsUnauthenticated()
    {
        var service = Contracts.Scheduling.Scheduler.Descriptor;
        var methods = service.Methods.Select(method => $"/{service.FullName}/{method.Name}").Append("/nowhere");

        var answers = await InternalPort.AskAsync(_scheduler.Internal, methods, bearer: null, Token);

        Assert.All(answers, answer => Assert.Equal((answer.Path, $"{(int)StatusCode.Unauthenticated}"), answer));
    }

    private Task WaitersAsync(int count) => Poll.UntilAsync($"{count} wait", () => _scheduler.Waiting == count, Limit, Token);
}
