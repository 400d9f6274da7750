using ComputeShare.Contracts.Inference;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>A node before a real llama.cpp that does not end by itself.</summary>
[Trait("Category", "Integration")]
public sealed class LlamaCppTests : IAsyncLifetime
{
    private const string Greedy = """{"messages":[{"role":"user","content":"Tell me of the river."}],"temperature":0}""";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private LlamaServer? _llama;
    private RunningNode? _node;

    private LlamaServer Llama => _llama!;

    private RunningNode Node => _node!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(LlamaServer.IsSupported, "tests/LlamaServer installs llama.cpp for Linux on x64 only.");
        _llama = await LlamaServer.StartAsync(TestContext.Current.CancellationToken, endless: true);
        _node = await RunningNode.StartAsync($"--Engine:Url={Llama.Url}");
    }

    public async ValueTask DisposeAsync()
    {
        await (_node?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_llama?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task Generate_TwoSideBySide_BothFinishAndAThirdIsRefused()
    {
        using var first = Node.Client.Generate(RunningNode.Chat(Greedy, maxTokens: 400), cancellationToken: TestContext.Current.CancellationToken);
        await first.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        using var second = Node.Client.Generate(RunningNode.Chat(Greedy, maxTokens: 400), cancellationToken: TestContext.Current.CancellationToken);
        await second.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        var third = await Node.GenerateAsync(RunningNode.Chat(Greedy));

        Assert.Equal(FailureKind.Busy, Assert.Single(third).Failed.Kind);
        Assert.NotNull((await LastAsync(first)).Finished);
        Assert.NotNull((await LastAsync(second)).Finished);
    }

    [Fact]
    public async Task Generate_APromptThatDoesNotFit_Overflows()
    {
        var body = $$"""{"messages":[{"role":"user","content":"{{string.Concat(Enumerable.Repeat("river ", 2000))}}"}]}""";

        var failed = Assert.Single(await Node.GenerateAsync(RunningNode.Chat(body))).Failed;

        Assert.Equal((FailureKind.Overflow, Fault.Request, "messages"), (failed.Kind, failed.Fault, failed.Param));
        Assert.DoesNotContain("river", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_CallCancelled_LlamaCppStopsWithinASecond()
    {
        using var http = new HttpClient();
        using var call = Node.Client.Generate(RunningNode.Chat(Greedy, maxTokens: 490), cancellationToken: TestContext.Current.CancellationToken);
        await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        call.Dispose();

        await Poll.UntilAsync(
            "llama.cpp runs nothing", async () => await LlamaServer.RunningAsync(http, Llama.Url, TestContext.Current.CancellationToken) == 0, Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Generate_LlamaCppIsKilledMidStream_IsALostEngine()
    {
        using var call = Node.Client.Generate(RunningNode.Chat(Greedy, maxTokens: 490), cancellationToken: TestContext.Current.CancellationToken);
        await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        await Llama.KillAsync();

        var failed = (await LastAsync(call)).Failed;
        Assert.Equal((FailureKind.EngineLost, Fault.Node, true), (failed.Kind, failed.Fault, failed.Retryable));
    }

    private static async Task<Frame> LastAsync(Grpc.Core.AsyncServerStreamingCall<Frame> call)
    {
        Frame? last = null;
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
            last = call.ResponseStream.Current;
        }

        return last!;
    }
}
