using System.Text;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Tests.Engines.BuiltIn.Grammars;

namespace ComputeShare.HosterNode.Tests.Streaming;

/// <summary>Answers whose form the request asks for, by the built-in model of the repository.</summary>
[Trait("Category", "Integration")]
public sealed class ConstrainedTests(RunningNode node) : IClassFixture<RunningNode>
{
    private const string Person =
        """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":130},"tags":{"type":"array","items":{"enum":["a","b"]}}},"required":["name","age","tags"],"additionalProperties":false}""";

    private const string Tools =
        """[{"type":"function","function":{"name":"get_weather","description":"Weather of a place","parameters":{"type":"object","properties":{"city":{"type":"string","maxLength":12}},"required":["city"],"additionalProperties":false}}},{"type":"function","function":{"name":"now"}}]""";

    [Theory]
    [InlineData(0, 60u)]
    [InlineData(1, 60u)]
    [InlineData(2, 200u)]
    [InlineData(1, 0u)]
    public async Task Generate_AJsonSchema_IsAValidDocumentThatEnds(double temperature, uint maxTokens)
    {
        var request = RunningNode.Chat(WithSchema(Person, $"\"temperature\":{temperature}"), maxTokens);

        var frames = await node.GenerateAsync(request);

        AssertValid(Person, Text(frames));
        Assert.Equal([FinishReason.Stop], frames[^1].Finished.FinishReasons);
        var deltas = frames.Where(frame => frame.Delta is not null).Select(frame => frame.Delta).ToArray();
        Assert.Equal(frames[^1].Finished.Usage.CompletionTokens, (uint)deltas.Sum(delta => delta.TokenCount));
        Assert.All(deltas, delta => Assert.Equal((uint)delta.TokenIds.Count, delta.TokenCount));
    }

    [Fact]
    public async Task Generate_JsonObject_IsAnObject()
    {
        var frames = await node.GenerateAsync(RunningNode.Chat("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""", 80));

        using var json = JsonDocument.Parse(Text(frames));
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
        Assert.Equal([FinishReason.Stop], frames[^1].Finished.FinishReasons);
    }

    [Fact]
    public async Task Generate_ThreeChoicesOfASchema_AreThreeDocuments()
    {
        var frames = await node.GenerateAsync(RunningNode.Chat(WithSchema(Person, "\"n\":3,\"seed\":5"), 60, slots: 3));

        var texts = Enumerable.Range(0, 3).Select(choice => Text(frames, choice)).ToArray();
        Assert.All(texts, text => AssertValid(Person, text));
        Assert.Equal(3, texts.Distinct().Count());
    }

    [Fact]
    public async Task Generate_ASchemaWithLogprobs_HasOnePerToken()
    {
        var frames = await node.GenerateAsync(RunningNode.Chat(WithSchema(Person, "\"logprobs\":true,\"top_logprobs\":2"), 60));

        var logprobs = frames.SelectMany(frame => frame.Delta?.Logprobs ?? []).ToArray();
        Assert.Equal(frames[^1].Finished.Usage.CompletionTokens, (uint)logprobs.Length);
        Assert.Equal(Text(frames), Encoding.UTF8.GetString([.. logprobs.SelectMany(entry => entry.TokenBytes.ToByteArray())]));
    }

    [Fact]
    public async Task Generate_ASchemaContinuedByIds_GivesTheSameDocument()
    {
        var body = WithSchema(Person, "\"seed\":9");
        var whole = await node.GenerateAsync(RunningNode.Chat(body, 60));
        var ids = whole.SelectMany(frame => frame.Delta?.TokenIds ?? []).ToArray();
        var request = RunningNode.Chat(body, (uint)(60 - (ids.Length / 2)));
        request.Continuation = new Continuation { TokenIds = { ids[..(ids.Length / 2)] } };

        var rest = await node.GenerateAsync(request);

        Assert.Equal(ids[(ids.Length / 2)..], rest.SelectMany(frame => frame.Delta?.TokenIds ?? []));
        Assert.EndsWith(Text(rest), Text(whole), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_AContinuationOfAnotherForm_IsTheRequestsFault()
    {
        var request = RunningNode.Chat(WithSchema(Person, "\"seed\":9"), 60);
        request.Continuation = new Continuation { Text = "Once upon a time" };

        var failed = (await node.GenerateAsync(request))[^1].Failed;

        Assert.Equal((Fault.Request, "response_format"), (failed.Fault, failed.Param));
    }

    [Theory]
    [InlineData("\"required\"", null)]
    [InlineData("""{"type":"function","function":{"name":"get_weather"}}""", "get_weather")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"now"}}]}}""", "now")]
    public async Task Generate_AToolThatMustBeCalled_IsCalledWithArgumentsOfItsSchema(string choice, string? name)
    {
        var frames = await node.GenerateAsync(RunningNode.Chat(WithTools(choice, "\"temperature\":1"), 120));

        var calls = CallsOf(frames);
        Assert.NotEmpty(calls);
        Assert.Equal("", Text(frames));
        Assert.Equal([FinishReason.ToolCalls], frames[^1].Finished.FinishReasons);
        Assert.All(calls, call => Assert.StartsWith("call_", call.Id, StringComparison.Ordinal));
        Assert.Equal(calls.Count, calls.Select(call => call.Id).Distinct().Count());
        Assert.All(calls, call => Assert.True(name is null || (call.Name == name && calls.Count <= 4), call.Name));
        Assert.All(calls, call => AssertValid(call.Name == "now" ? """{"type":"object","maxProperties":0}""" : Weather, call.Arguments));
    }

    [Fact]
    public async Task Generate_NoParallelCalls_IsOneCall()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var frames = await node.GenerateAsync(RunningNode.Chat(WithTools("\"required\"", $"\"parallel_tool_calls\":false,\"seed\":{seed}"), 120));

            Assert.Single(CallsOf(frames));
        }
    }

    [Fact]
    public async Task Generate_ToolChoiceNone_IsText()
    {
        var frames = await node.GenerateAsync(RunningNode.Chat(WithTools("\"none\"", "\"seed\":1"), 10));

        Assert.Empty(CallsOf(frames));
        Assert.NotEqual("", Text(frames));
    }

    [Fact]
    public async Task Generate_AfterAToolsAnswer_IsText()
    {
        var body = $$$"""
            {"messages":[{"role":"user","content":"Weather?"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Paris\"}"}}]},
            {"role":"tool","tool_call_id":"call_1","content":"18 degrees"}],"tools":{{{Tools}}},"seed":3}
            """;

        var frames = await node.GenerateAsync(RunningNode.Chat(body, 10));

        Assert.Empty(CallsOf(frames));
        Assert.NotEqual("", Text(frames));
        Assert.Null(frames[^1].Failed);
    }

    [Fact]
    public async Task Generate_ACallContinuedByIds_GivesTheRestOfItsFragments()
    {
        var body = WithTools("\"required\"", "\"seed\":4,\"parallel_tool_calls\":false");
        var whole = await node.GenerateAsync(RunningNode.Chat(body, 100));
        var deltas = whole.Where(frame => frame.Delta is not null).Select(frame => frame.Delta).ToArray();
        var shown = deltas[..(deltas.Length / 2)];
        var request = RunningNode.Chat(body, (uint)(100 - shown.Sum(delta => delta.TokenCount)));
        request.Continuation = new Continuation { TokenIds = { shown.SelectMany(delta => delta.TokenIds) } };

        var rest = await node.GenerateAsync(request);

        Assert.Equal(CallsOf(whole), CallsOf([.. shown.Select(delta => new Frame { Delta = delta }), .. rest]));
        Assert.Equal([FinishReason.ToolCalls], rest[^1].Finished.FinishReasons);
    }

    [Theory]
    [InlineData("\"sometimes\"", "tool_choice")]
    [InlineData("""{"type":"function","function":{"name":"nobody"}}""", "tool_choice")]
    public async Task Generate_AWrongToolChoice_IsTheRequestsFault(string choice, string param)
    {
        var failed = Assert.Single(await node.GenerateAsync(RunningNode.Chat(WithTools(choice, "\"seed\":1")))).Failed;

        Assert.Equal((Fault.Request, false, param), (failed.Fault, failed.Retryable, failed.Param));
    }

    private const string Weather =
        """{"type":"object","properties":{"city":{"type":"string","maxLength":12}},"required":["city"],"additionalProperties":false}""";

    private static string WithSchema(string schema, string more) =>
        $$$"""{"messages":[{"role":"user","content":"Who?"}],"response_format":{"type":"json_schema","json_schema":{"name":"person","schema":{{{schema}}} } },{{{more}}} }""";

    private static string WithTools(string choice, string more) =>
        $$"""{"messages":[{"role":"user","content":"Weather?"}],"tools":{{Tools}},"tool_choice":{{choice}},{{more}}}""";

    private static string Text(IEnumerable<Frame> frames, int choice = 0) =>
        string.Concat(frames.Where(frame => frame.Delta?.ChoiceIndex == choice).Select(frame => frame.Delta.Text));

    private static List<(string Id, string Name, string Arguments)> CallsOf(IEnumerable<Frame> frames) => frames
        .SelectMany(frame => frame.Delta?.ToolCalls ?? [])
        .GroupBy(call => call.Index)
        .OrderBy(call => call.Key)
        .Select(call => (call.First().Id, call.First().Name, string.Concat(call.Select(part => part.Arguments))))
        .ToList();

    private static void AssertValid(string schema, string text)
    {
        using var value = JsonDocument.Parse(text);
        using var rules = JsonDocument.Parse(schema);
        Assert.True(SchemaValidator.IsValid(value.RootElement, rules.RootElement), text);
    }
}
