using System.Collections.Concurrent;
using System.Diagnostics;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Telemetry;

[Trait("Category", "Integration")]
public sealed class TraceTests(RedisServer redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Development", true)]
    [InlineData("Production", false)]
    public async Task Caller_WithATraceparent_IsParentInDevelopmentOnly(string environment, bool parent)
    {
        var (spans, caller) = (new ConcurrentQueue<Activity>(), ActivityTraceId.CreateRandom());
        using var listener = Listen(spans);
        await using var market = await Market.StartAsync(redis, 1, $"--environment={environment}");

        using var client = await AskAsync(market, caller);
        var settle = await market.Billing.SettledAsync(Token);
        await TestSupport.Processes.Poll.UntilAsync("the span has ended", () => Chat(spans, settle.RequestId) is not null, TimeSpan.FromSeconds(5), Token);

        var chat = Chat(spans, settle.RequestId)!;
        Assert.Equal(parent, chat.TraceId == caller);
        var server = spans.Single(span => span.SpanId == chat.ParentSpanId);
        Assert.Equal(!parent, server.Links.Any(link => link.Context.TraceId == caller));
    }

    [Fact]
    [Trait("Wire", "21")]
    public async Task Request_Served_IsAChatSpanWithItsCommandsBelowAndNoText()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(spans);
        await using var market = await Market.StartAsync(redis);

        using var client = await AskAsync(market, ActivityTraceId.CreateRandom());
        var settle = await market.Billing.SettledAsync(Token);
        await TestSupport.Processes.Poll.UntilAsync("the span has ended", () => Chat(spans, settle.RequestId) is not null, TimeSpan.FromSeconds(5), Token);

        var chat = Chat(spans, settle.RequestId)!;
        Assert.Equal("chat auto", chat.DisplayName);
        Assert.Equal(
            ("chat", "auto", "computeshare/tiny", 3u),
            (chat.GetTagItem("gen_ai.operation.name"), chat.GetTagItem("gen_ai.request.model"), chat.GetTagItem("gen_ai.response.model"), chat.GetTagItem("gen_ai.usage.output_tokens")));
        var commands = spans.Where(span => span.ParentSpanId == chat.SpanId && span.Kind == ActivityKind.Client && span.Source.Name == GatewayTelemetry.Name);
        Assert.Equal(
            ["billing Hold", "billing Settle", "scheduler Release", "scheduler Reserve"],
            commands.Select(span => span.DisplayName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(spans.SelectMany(span => span.TagObjects), tag => tag.Value?.ToString()?.Contains("Hi there", StringComparison.Ordinal) == true);
    }

    private static Activity? Chat(IEnumerable<Activity> spans, string requestId) =>
        spans.FirstOrDefault(span => span.GetTagItem("computeshare.request.id") as string == requestId && span.OperationName == "chat auto");

    private static ActivityListener Listen(ConcurrentQueue<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is GatewayTelemetry.Name or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static Task<RawClient> AskAsync(Market market, ActivityTraceId trace) => RawClient.AskAsync(
        market,
        """{"model":"auto","messages":[{"role":"user","content":"Hi there"}]}""",
        Token,
        $"traceparent: 00-{trace}-{ActivitySpanId.CreateRandom()}-01\r\n");
}
