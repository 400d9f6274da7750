using ComputeShare.HosterNode.Engines.BuiltIn;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn;

public sealed class FairnessTests
{
    private const uint Tokens = 200;

    private const string Body = """{"messages":[{"role":"user","content":"Write a haiku about GPUs"}],"min_tokens":200}""";

    [Fact]
    public async Task Generate_FourStreamsOnOneThread_ShareItFairly()
    {
        using var threads = new ComputeThreads(1);
        var engine = new BuiltInEngine(CommittedModel.Model, threads, Options.Create(new BuiltInEngineOptions()), TimeProvider.System);
        // The one thread is busy until all four wait for it.
        var begin = new TaskCompletionSource();
        var busy = threads.RunAsync(() => ((IAsyncResult)begin.Task).AsyncWaitHandle.WaitOne(), TestContext.Current.CancellationToken);
        var counts = new int[4];
        var streams = Enumerable.Range(0, counts.Length).Select(ReadAsync).ToArray();
        begin.SetResult();
        await busy;

        var found = (await Task.WhenAny(streams)).IsCompletedSuccessfully ? counts.ToArray() : [];
        await Task.WhenAll(streams);

        // When the first has all of its tokens, no other has less than half of its own.
        Assert.All(found, count => Assert.InRange(count, (int)Tokens / 2, (int)Tokens));
        Assert.All(counts, count => Assert.Equal((int)Tokens, count));

        async Task ReadAsync(int stream)
        {
            await foreach (var frame in engine.GenerateAsync(RunningNode.Chat(Body, Tokens), TestContext.Current.CancellationToken))
            {
                counts[stream] += (int)(frame.Delta?.TokenCount ?? 0);
            }
        }
    }
}
