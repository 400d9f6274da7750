using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Reporting;
using ComputeShare.TestSupport.Processes;
using Grpc.Core;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ComputeShare.HosterNode.Tests.Control;

/// <summary>A running node, told over its socket.</summary>
[Trait("Category", "Integration")]
public sealed class ControlSocketTests : IAsyncLifetime
{
    private const string Chat = """{"messages":[{"role":"user","content":"Tell me of the river."}],"seed":7,"min_tokens":1000}""";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly TemporaryFolder _place = new();
    private RunningNode _node = null!;
    private ControlClient _owner = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // What a process that died has left.
        _place.Folder.Create().Write("control.sock", "");
        _node = await RunningNode.StartAsync($"--Node:Folder={_place.Folder.Path}", "--Engine:BuiltIn:TokensPerSecond=50");
        _owner = new ControlClient(_place.Folder);
    }

    public async ValueTask DisposeAsync()
    {
        _owner.Dispose();
        await _node.DisposeAsync();
        _place.Dispose();
    }

    [Fact]
    public async Task Status_OfANodeThatNobodyWatches_TellsWhatItOffersAndToNobodyElse()
    {
        var status = (await _owner.StatusAsync(Token))!;

        Assert.Equal(("node-1", NodeStateName.NotJoined, "built-in", "off"), (status.Id, status.State, status.Engine, status.Schedule));
        var model = Assert.Single(status.Models);
        Assert.Equal((RunningNode.Model, 0.05m, 0.005m, 0.2m), (model.Name, model.Input, model.CachedInput, model.Output));
        Assert.Equal((4, 4, 0), (status.Slots.Total, status.Slots.Offered, status.Slots.Taken));
        var addresses = _node.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        Assert.Equal(2, addresses.Count(address => address.StartsWith("http://127.0.0.1:", StringComparison.Ordinal)));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_place.Folder.SocketPath));
        }

        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(_node.HealthAddress, "/status"), Token);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Pause_WhileAStreamRuns_IsToldToTheWatchesAndLetsTheStreamEnd()
    {
        using var watch = _node.Client.Watch(new WatchRequest { Gateway = "gateway-1" }, cancellationToken: Token);
        await StateAsync(watch, state => !state.Draining);
        using var stream = _node.Client.Generate(RunningNode.Chat(Chat, maxTokens: 20), cancellationToken: Token);
        await stream.ResponseStream.MoveNext(Token);

        var paused = (await _owner.TellAsync(ControlApi.Paths.Pause, Token))!;

        Assert.Equal((NodeStateName.Paused, 1, 1), (paused.State, paused.Traffic.Running, paused.Slots.Taken));
        Assert.Equal("gateway-1", Assert.Single(paused.Gateways));
        await StateAsync(watch, state => state is { Draining: true, RunningLeaseIds.Count: 1 });
        Assert.Equal(FailureKind.Busy, Assert.Single(await _node.GenerateAsync(RunningNode.Chat(Chat))).Failed.Kind);
        Assert.NotNull((await stream.ResponseStream.ReadAllAsync(Token).ToListAsync(Token))[^1].Finished);
        await StateAsync(watch, state => state is { Draining: true, RunningLeaseIds.Count: 0 });

        var resumed = (await _owner.TellAsync(ControlApi.Paths.Resume, Token))!;

        Assert.Equal((NodeStateName.Serving, 1L, 20L), (resumed.State, resumed.Traffic.Finished, resumed.Traffic.Tokens));
        await StateAsync(watch, state => !state.Draining);
    }

    [Fact]
    public async Task Schedule_ThatIsNone_IsRefusedWithASentence()
    {
        var error = await Assert.ThrowsAsync<ControlException>(() => _owner.SetScheduleAsync("nights", Token));

        Assert.Contains("22:00-08:00", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drain_EndsTheNodeWithItsLastStream()
    {
        var stopping = new TaskCompletionSource();
        _node.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        using var stream = _node.Client.Generate(RunningNode.Chat(Chat, maxTokens: 20), cancellationToken: Token);
        await stream.ResponseStream.MoveNext(Token);

        Assert.Equal(NodeStateName.Draining, (await _owner.TellAsync(ControlApi.Paths.Drain, Token))!.State);

        await Assert.ThrowsAsync<ControlException>(() => _owner.TellAsync(ControlApi.Paths.Resume, Token));
        Assert.False(stopping.Task.IsCompleted);
        Assert.NotNull((await stream.ResponseStream.ReadAllAsync(Token).ToListAsync(Token))[^1].Finished);
        await stopping.Task.WaitAsync(Limit, Token);
        await _node.StopAsync();
        await Poll.UntilAsync("nobody answers", async () => await _owner.StatusAsync(Token) is null, Limit, Token);
    }

    [Fact]
    public async Task Folder_OfANodeThatRuns_IsNoOtherNodes() =>
        await Assert.ThrowsAsync<ControlException>(() => RunningNode.StartAsync($"--Node:Folder={_place.Folder.Path}"));

    private static async Task StateAsync(AsyncServerStreamingCall<NodeState> watch, Predicate<NodeState> isAwaited)
    {
        do
        {
            Assert.True(await watch.ResponseStream.MoveNext(Token));
        }
        while (!isAwaited(watch.ResponseStream.Current));
    }
}
