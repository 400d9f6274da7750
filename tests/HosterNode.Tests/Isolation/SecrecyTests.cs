using System.Collections.Concurrent;
using System.Diagnostics;
using ComputeShare.HosterNode.Telemetry;
using ComputeShare.HosterNode.Tests.Engines.OpenAI;

namespace ComputeShare.HosterNode.Tests.Isolation;

/// <summary>What is asked and answered is in no log, however much is logged, and in no span.</summary>
[Trait("Category", "Integration")]
public sealed class SecrecyTests : IDisposable
{
    private const string Secret = "xyzzy";
    private const string Answer = "plugh";
    private const string Everything = "--Logging:LogLevel:Default=Trace";
    private const string Body = $$"""{"messages":[{"role":"user","content":"{{Secret}}","name":"{{Secret}}"}]}""";

    private readonly ConcurrentBag<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public SecrecyTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Generate_WithAnEngine_NothingOfItIsLogged()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var node = await RunningNode.StartAsync(engine.Setting, Everything, "--Engine:ApiKey=engine-key");
        foreach (var onChat in new[]
        {
            FakeEngine.Streams(FakeEngine.Content(Answer), FakeEngine.Length, FakeEngine.Done),
            FakeEngine.Answers(400, $$"""{"error":{"message":"cannot read {{Secret}}","param":"messages","code":400} }"""),
            FakeEngine.Answers(500, Secret),
            FakeEngine.Streams($$"""{"error":{"message":"{{Secret}}"} }"""),
            FakeEngine.Streams($$"""{"choices":[{"index":0,"delta":{"content":"{{Answer}}" """),
            FakeEngine.Streams(FakeEngine.Content(Answer)),
        })
        {
            engine.OnChat = onChat;
            Assert.DoesNotContain(Secret, (await node.GenerateAsync(RunningNode.Chat(Body)))[^1].Failed?.Message ?? "", StringComparison.Ordinal);
        }

        AssertSilent(node, "engine-key");
    }

    [Fact]
    public async Task Generate_WithTheBuiltInModel_NothingOfItIsLogged()
    {
        await using var node = await RunningNode.StartAsync(Everything);

        var frames = await node.GenerateAsync(RunningNode.Chat(Body));
        await node.GenerateAsync(RunningNode.Chat($$"""{"messages":[{"role":"{{Secret}}","content":"{{Secret}}"}]}"""));

        Assert.NotNull(frames[^1].Finished);
        AssertSilent(node, RunningNode.DialToken);
    }

    private void AssertSilent(RunningNode node, string key)
    {
        Assert.NotEmpty(node.Logs.All);
        Assert.Contains(_spans, span => span.Source.Name == HosterNodeTelemetry.Name);
        var told = node.Logs.All.Concat(_spans.SelectMany(Told)).ToArray();
        foreach (var secret in new[] { Secret, Answer, key })
        {
            Assert.DoesNotContain(told, line => line.Contains(secret, StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Told(Activity span) =>
        [span.DisplayName, span.StatusDescription ?? "", .. span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"), .. span.Events.SelectMany(said => said.Tags.Select(tag => $"{tag.Value}"))];
}
