using ComputeShare.HosterNode.Tests.Engines.OpenAI;

namespace ComputeShare.HosterNode.Tests.Isolation;

/// <summary>A node with narrow limits of its own, which logs everything.</summary>
public sealed class LimitedNode : IAsyncLifetime
{
    private FakeEngine? _engine;
    private RunningNode? _node;

    internal FakeEngine Engine => _engine!;

    public RunningNode Node => _node!;

    public async ValueTask InitializeAsync()
    {
        _engine = await FakeEngine.StartAsync();
        _node = await RunningNode.StartAsync(
            _engine.Setting, "--Limits:BodyBytes=2048", "--Limits:CompletionTokens=100", "--Limits:Total=00:00:01", "--Logging:LogLevel:Default=Trace");
    }

    public async ValueTask DisposeAsync()
    {
        await (_node?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_engine?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
