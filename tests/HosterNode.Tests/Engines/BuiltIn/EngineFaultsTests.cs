using ComputeShare.Contracts.Inference;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn;

[Trait("Category", "Integration")]
public sealed class EngineFaultsTests
{
    private const string Hello = """{"messages":[{"role":"user","content":"Tell me of the river."}],"temperature":0,"min_tokens":100}""";

    [Theory]
    [InlineData("Busy", Fault.Nobody)]
    [InlineData("EngineError", Fault.Node)]
    [InlineData("Overflow", Fault.Request)]
    public async Task Refuse_ARequest_FailsBeforeAnyToken(string kind, Fault fault)
    {
        var failed = Assert.Single(await GenerateAsync($"Refuse={kind}")).Failed;

        Assert.Equal((kind, fault), (failed.Kind.ToString(), failed.Fault));
    }

    [Fact]
    public async Task StallAfter_KTokens_NothingMoreComesUntilTheDeadline()
    {
        var frames = await GenerateAsync("StallAfter=4", betweenTokensMs: 200);

        Assert.Equal(4, frames.Sum(frame => frame.Delta?.TokenCount ?? 0));
        Assert.Equal(FailureKind.Deadline, frames[^1].Failed.Kind);
    }

    [Fact]
    public async Task FailAfter_KTokens_TheEngineIsLost()
    {
        var frames = await GenerateAsync("FailAfter=4");

        Assert.Equal(4, frames.Sum(frame => frame.Delta?.TokenCount ?? 0));
        Assert.Equal(FailureKind.EngineLost, frames[^1].Failed.Kind);
    }

    [Fact]
    public async Task MalformedAfter_KTokens_FramesAreOfNoChoice()
    {
        var deltas = (await GenerateAsync("MalformedAfter=4")).Where(frame => frame.Delta is not null).Select(frame => frame.Delta).ToArray();

        Assert.Equal(4, deltas.Where(delta => delta.ChoiceIndex == 0).Sum(delta => delta.TokenCount));
        Assert.Contains(deltas, delta => delta.ChoiceIndex > 8);
    }

    [Fact]
    public async Task UsageFactor_OfTen_OnlyTheReportLies()
    {
        var frames = await GenerateAsync("UsageFactor=10");

        Assert.Equal((10 * CommittedModel.PromptLength("Tell me of the river."), 160u), (frames[^1].Finished.Usage.PromptTokens, frames[^1].Finished.Usage.CompletionTokens));
        Assert.Equal(16, frames.Sum(frame => frame.Delta?.TokenCount ?? 0));
    }

    [Fact]
    public async Task TokenCountFactor_OfThree_EachFrameLies()
    {
        var frames = await GenerateAsync("TokenCountFactor=3");

        Assert.Equal(48, frames.Sum(frame => frame.Delta?.TokenCount ?? 0));
        Assert.Equal(16u, frames[^1].Finished.Usage.CompletionTokens);
    }

    [Fact]
    public async Task Start_AWrongFault_NamesItsKey()
    {
        await using var node = new RunningNode("--Engine:BuiltIn:Faults:StallAfter=-1");

        var error = await Assert.ThrowsAsync<OptionsValidationException>(async () => await node.InitializeAsync());

        Assert.Contains("Engine:BuiltIn:Faults:StallAfter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AFaultInProduction_IsRefused()
    {
        await using var node = new RunningNode("--Engine:BuiltIn:Faults:StallAfter=1", "--environment=Production");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await node.InitializeAsync());

        Assert.Contains("Engine:BuiltIn:Faults", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KillAtTokenK_ARealProcess_DiesBeforeThatToken()
    {
        var port = LoopbackPorts.TakeFree();
        // Arguments, not variables: eng/lifeline is a shell, which drops those whose names have dots.
        await using var process = LocalProcess.Start("dotnet",
        [
            Repository.PathOf("HosterNode", "bin", "Debug", "net10.0", "ComputeShare.HosterNode.dll"), "--environment=Development",
            FormattableString.Invariant($"--Ports:Internal={port}"), "--Ports:Health=0", "--Node:Id=node-1", $"--Node:DialToken={RunningNode.DialToken}",
            "--Node:Transport=direct", "--Engine:BuiltIn:TokensPerSecond=5", "--Faults:node.generate.token=kill@5",
        ]);
        await process.WaitForLineAsync(line => line.Contains("Application started", StringComparison.Ordinal), TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        using var channel = StreamingChannel.Open(new Uri($"http://127.0.0.1:{port}"), TimeSpan.FromSeconds(5));
        using var call = new Inference.InferenceClient(channel.WithSecret(RunningNode.DialToken))
            .Generate(RunningNode.Chat(Hello), cancellationToken: TestContext.Current.CancellationToken);
        var tokens = 0u;

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
            {
                tokens += call.ResponseStream.Current.Delta?.TokenCount ?? 0;
            }
        });

        // What a killed process had written, and the system not sent, is lost with it.
        Assert.InRange(tokens, 0u, 4u);
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    private static async Task<List<Frame>> GenerateAsync(string fault, uint betweenTokensMs = 0)
    {
        await using var node = await RunningNode.StartAsync($"--Engine:BuiltIn:Faults:{fault}");
        var request = RunningNode.Chat(Hello);
        request.Deadlines = new Deadlines { BetweenTokensMs = betweenTokensMs };
        return await node.GenerateAsync(request);
    }
}
