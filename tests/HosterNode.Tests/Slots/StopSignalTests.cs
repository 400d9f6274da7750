using System.Globalization;
using ComputeShare.Contracts.Inference;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;
using Grpc.Core;

namespace ComputeShare.HosterNode.Tests.Slots;

/// <summary>The node as a process of its own, told to stop as an operator does.</summary>
[Trait("Category", "Integration")]
public sealed class StopSignalTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Process_SigtermWhileAStreamRuns_SaysItIsLeavingFinishesTheStreamAndEndsWell()
    {
        var token = TestContext.Current.CancellationToken;
        var port = LoopbackPorts.TakeFree();
        await using var process = LocalProcess.Start("dotnet", [Repository.PathOf("HosterNode", "bin", "Debug", "net10.0", "ComputeShare.HosterNode.dll")],
            new Dictionary<string, string?>
            {
                ["Node__Id"] = "node-1",
                ["Node__Transport"] = "direct",
                ["Node__DialToken"] = RunningNode.DialToken,
                ["Ports__Internal"] = port.ToString(CultureInfo.InvariantCulture),
                ["Ports__Health"] = "0",
                ["Engine__BuiltIn__TokensPerSecond"] = "10",
            });
        await process.WaitForLineAsync(line => line.Contains("Application started", StringComparison.Ordinal), Limit, token);
        using var channel = StreamingChannel.Open(new Uri($"http://127.0.0.1:{port}"), TimeSpan.FromSeconds(5));
        var client = new Inference.InferenceClient(channel.WithSecret(RunningNode.DialToken));
        using var watch = client.Watch(new WatchRequest { Gateway = "test" }, cancellationToken: token);
        using var stream = client.Generate(
            RunningNode.Chat("""{"messages":[{"role":"user","content":"Tell me of the river."}],"seed":7,"min_tokens":1000}""", maxTokens: 20), cancellationToken: token);
        await stream.ResponseStream.MoveNext(token);

        var stopped = process.StopAsync();

        var states = watch.ResponseStream.ReadAllAsync(token).ToListAsync(token);
        var frames = await stream.ResponseStream.ReadAllAsync(token).ToListAsync(token);
        Assert.NotNull(frames[^1].Finished);
        Assert.Equal(20u, frames[^1].Finished.Usage.CompletionTokens);
        Assert.Contains(await states, state => state is { Draining: true, RunningLeaseIds.Count: 1 });
        await stopped.WaitAsync(Limit, token);
        Assert.Equal(0, process.ExitCode);
    }
}
