using System.Net;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.OpenAI.Responses;

[Trait("Category", "Integration")]
[Trait("Wire", "54")]
public sealed class ResponseTests(RedisServer redis)
{
    private const string Path = "/v1/responses";
    private const string Head = "\"background\":false,\"error\":null,\"incomplete_details\":null,\"instructions\":null,\"max_output_tokens\":null,\"model\":\"auto\"";
    private const string Rest = "\"parallel_tool_calls\":true,\"previous_response_id\":null,\"reasoning\":null,\"store\":false,\"temperature\":1,\"text\":{\"format\":{\"type\":\"text\"}},\"tool_choice\":\"auto\",\"tools\":[],\"top_p\":1,\"truncation\":\"disabled\"";
    private const string Usage = "\"usage\":{\"input_tokens\":7,\"input_tokens_details\":{\"cached_tokens\":2},\"output_tokens\":2,\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":9}";
    private const string Done = """{"id":"msg_ID_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"One two","annotations":[],"logprobs":[]}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Response_Plain_IsTheDocumentedBytes()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Says(frames, "One", " two");

        var body = await market.PostForBodyAsync("""{"model":"auto","input":"Hi"}""", Path);

        Assert.Equal(
            "{\"id\":\"resp_ID\",\"object\":\"response\",\"created_at\":0,\"status\":\"completed\"," + Head + ",\"output\":[" + Done + "]," + Rest + "," + Usage + ",\"metadata\":{}}",
            body);
        var settle = await market.Billing.SettledAsync(Token);
        Assert.Equal(("response", 2u), (settle.Record.Operation, Assert.Single(settle.Shares).CompletionTokens));
    }

    [Fact]
    public async Task Stream_Plain_IsTheDocumentedBytes()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Says(frames, "One", " two");

        var body = await market.PostForBodyAsync("""{"model":"auto","input":"Hi","stream":true}""", Path);

        var begun = "{\"id\":\"resp_ID\",\"object\":\"response\",\"created_at\":0,\"status\":\"in_progress\"," + Head + ",\"output\":[]," + Rest + ",\"usage\":null,\"metadata\":{}}";
        var ended = "{\"id\":\"resp_ID\",\"object\":\"response\",\"created_at\":0,\"status\":\"completed\"," + Head + ",\"output\":[" + Done + "]," + Rest + "," + Usage + ",\"metadata\":{}}";
        Assert.Equal(
            [
                Event("response.created", 0, "{\"response\":" + begun + "}"),
                Event("response.in_progress", 1, "{\"response\":" + begun + "}"),
                Event("response.output_item.added", 2, """{"output_index":0,"item":{"id":"msg_ID_0","type":"message","status":"in_progress","role":"assistant","content":[]}}"""),
                Event("response.content_part.added", 3, """{"item_id":"msg_ID_0","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}"""),
                Event("response.output_text.delta", 4, """{"item_id":"msg_ID_0","output_index":0,"content_index":0,"delta":"One","logprobs":[]}"""),
                Event("response.output_text.delta", 5, """{"item_id":"msg_ID_0","output_index":0,"content_index":0,"delta":" two","logprobs":[]}"""),
                Event("response.output_text.done", 6, """{"item_id":"msg_ID_0","output_index":0,"content_index":0,"text":"One two","logprobs":[]}"""),
                Event("response.content_part.done", 7, """{"item_id":"msg_ID_0","output_index":0,"content_index":0,"part":{"type":"output_text","text":"One two","annotations":[],"logprobs":[]}}"""),
                Event("response.output_item.done", 8, "{\"output_index\":0,\"item\":" + Done + "}"),
                Event("response.completed", 9, "{\"response\":" + ended + "}"),
                "",
            ],
            body.Split("\n\n"));
    }

    [Fact]
    public async Task Stream_OfThoughtsAndACall_HasTheirTypedEvents()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await frames.WriteAsync(new Frame { Delta = new Delta { Reasoning = "Hm", TokenCount = 1 } }, cancelled);
            await frames.WriteAsync(new Frame { Delta = new Delta { TokenCount = 1, ToolCalls = { new ToolCallDelta { Id = "call_a", Name = "look", Arguments = "{\"a\"" } } } }, cancelled);
            await frames.WriteAsync(new Frame { Delta = new Delta { TokenCount = 1, ToolCalls = { new ToolCallDelta { Arguments = ":1}" } } } }, cancelled);
            await FakeNode.Ends(frames, 3, FinishReason.ToolCalls);
        };

        var body = await market.PostForBodyAsync("""{"model":"auto","input":"Hi","stream":true,"tools":[{"type":"function","name":"look","parameters":{}}],"tool_choice":{"type":"function","name":"look"}}""", Path);

        var events = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                Event("response.output_item.added", 2, """{"output_index":0,"item":{"id":"rs_ID_0","type":"reasoning","status":"in_progress","summary":[],"content":[]}}"""),
                Event("response.content_part.added", 3, """{"item_id":"rs_ID_0","output_index":0,"content_index":0,"part":{"type":"reasoning_text","text":""}}"""),
                Event("response.reasoning_text.delta", 4, """{"item_id":"rs_ID_0","output_index":0,"content_index":0,"delta":"Hm"}"""),
                Event("response.output_item.added", 5, """{"output_index":1,"item":{"id":"fc_ID_1","type":"function_call","status":"in_progress","call_id":"call_a","name":"look","arguments":""}}"""),
                Event("response.function_call_arguments.delta", 6, """{"item_id":"fc_ID_1","output_index":1,"delta":"{\"a\""}"""),
                Event("response.function_call_arguments.delta", 7, """{"item_id":"fc_ID_1","output_index":1,"delta":":1}"}"""),
                Event("response.reasoning_text.done", 8, """{"item_id":"rs_ID_0","output_index":0,"content_index":0,"text":"Hm"}"""),
                Event("response.content_part.done", 9, """{"item_id":"rs_ID_0","output_index":0,"content_index":0,"part":{"type":"reasoning_text","text":"Hm"}}"""),
                Event("response.output_item.done", 10, """{"output_index":0,"item":{"id":"rs_ID_0","type":"reasoning","status":"completed","summary":[],"content":[{"type":"reasoning_text","text":"Hm"}]}}"""),
                Event("response.function_call_arguments.done", 11, """{"item_id":"fc_ID_1","output_index":1,"name":"look","arguments":"{\"a\":1}"}"""),
                Event("response.output_item.done", 12, """{"output_index":1,"item":{"id":"fc_ID_1","type":"function_call","status":"completed","call_id":"call_a","name":"look","arguments":"{\"a\":1}"}}"""),
            ],
            events[2..^1]);
        Assert.StartsWith("event: response.completed\n", events[^1], StringComparison.Ordinal);
        Assert.Equal(
            """{"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"look","parameters":{}}}],"tool_choice":{"type":"function","function":{"name":"look"}}}""",
            market.Nodes[0].Requests.Single().Chat.Body.ToStringUtf8());
    }

    [Fact]
    public async Task Stream_CutByItsLength_IsIncomplete()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Says(frames, "One", " two", " three");

        var body = await market.PostForBodyAsync("""{"model":"auto","input":"Hi","stream":true,"max_output_tokens":2}""", Path);

        Assert.Contains("event: response.incomplete\n", body, StringComparison.Ordinal);
        Assert.Contains("\"incomplete_details\":{\"reason\":\"max_output_tokens\"}", body, StringComparison.Ordinal);
        Assert.DoesNotContain("three", body, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_BrokenOff_FailsAndEndsWithTheErrorEvent()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Tokens(frames, "One");

        var events = (await market.PostForBodyAsync("""{"model":"auto","input":"Hi","stream":true}""", Path)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.StartsWith("event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":5,", events[^2], StringComparison.Ordinal);
        Assert.Contains("\"error\":{\"code\":\"node_lost\",\"message\":\"The connection to the hoster was lost.\"}", events[^2], StringComparison.Ordinal);
        Assert.Equal(
            "event: error\n"
            + """data: {"type":"error","sequence_number":6,"code":"node_lost","message":"The connection to the hoster was lost.","param":null,"error":{"message":"The connection to the hoster was lost.","type":"server_error","param":null,"code":"node_lost"}}""",
            events[^1]);
        Assert.Equal(1u, Assert.Single((await market.Billing.SettledAsync(Token)).Shares).CompletionTokens);
    }

    [Fact]
    public async Task Response_WithoutCredit_Is402LikeAChat()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.Record!.HasCredit = false;

        using var response = await market.PostAsync("""{"model":"auto","input":"Hi"}""", path: Path);

        Assert.Equal(HttpStatusCode.PaymentRequired, response.StatusCode);
        Assert.Empty(market.Scheduler.Reserves);
    }

    /// <param name="type">Of the event.</param>
    /// <param name="number">In its sequence.</param>
    /// <param name="fields">An object with what follows.</param>
    private static string Event(string type, int number, string fields) =>
        $"event: {type}\ndata: {{\"type\":\"{type}\",\"sequence_number\":{number},{fields[1..]}";
}
