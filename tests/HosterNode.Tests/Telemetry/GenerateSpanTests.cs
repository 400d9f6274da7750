using System.Collections.Concurrent;
using System.Diagnostics;
using ComputeShare.HosterNode.Telemetry;

namespace ComputeShare.HosterNode.Tests.Telemetry;

[Trait("Category", "Integration")]
public sealed class GenerateSpanTests
{
    [Fact]
    public async Task Generate_AChat_MakesASpanUnderTheServersWithoutThePrompt()
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is HosterNodeTelemetry.Name or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var node = await RunningNode.StartAsync();
        var request = RunningNode.Chat("""{"messages":[{"role":"user","content":"xyzzy"}],"min_tokens":5}""", maxTokens: 5);

        await node.GenerateAsync(request);
        await node.StopAsync();

        var span = Assert.Single(spans, span => Equals(span.GetTagItem("computeshare.request.id"), request.RequestId));
        Assert.Equal("generate", span.OperationName);
        Assert.Equal("Microsoft.AspNetCore", span.Parent?.Source.Name);
        Assert.Equal("chat", span.GetTagItem("gen_ai.operation.name"));
        Assert.Equal(5L, span.GetTagItem("gen_ai.usage.output_tokens"));
        Assert.Equal(new[] { "length" }, span.GetTagItem("gen_ai.response.finish_reasons"));
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value is string text && text.Contains("xyzzy", StringComparison.Ordinal));
    }
}
