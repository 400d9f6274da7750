using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>A node before an engine that answers what the test says.</summary>
public abstract class EngineTest : IAsyncLifetime
{
    protected const string Hello = """{"messages":[{"role":"user","content":"Tell me of the river."}],"temperature":0.5}""";

    private FakeEngine? _engine;
    private RunningNode? _node;

    internal FakeEngine Engine => _engine!;

    protected RunningNode Node => _node!;

    public async ValueTask InitializeAsync()
    {
        _engine = await FakeEngine.StartAsync();
        _node = await RunningNode.StartAsync(_engine.Setting, "--Engine:ApiKey=engine-key");
    }

    public async ValueTask DisposeAsync()
    {
        await (_node?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_engine?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected static string Text(IEnumerable<Frame> frames, int choice = 0) =>
        string.Concat(frames.Where(frame => frame.Delta?.ChoiceIndex == choice).Select(frame => frame.Delta.Text));

    protected static void AssertFailed(IReadOnlyList<Frame> frames, FailureKind kind, Fault fault, bool retryable) =>
        Assert.Equal((kind, fault, retryable), (frames[^1].Failed?.Kind, frames[^1].Failed?.Fault, frames[^1].Failed?.Retryable));
}
