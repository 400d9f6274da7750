using System.Text;
using System.Text.Json;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Responses;

namespace ComputeShare.Gateway.Tests.OpenAI.Responses;

public sealed class ResponseRequestReaderTests
{
    private const string Call = """{"type":"function_call","call_id":"a","name":"look","arguments":"{}"}""";

    [Theory]
    [InlineData("", "input")]
    [InlineData(",\"input\":[]", "input")]
    [InlineData(",\"input\":7", "input")]
    [InlineData(",\"input\":[{\"type\":\"item_reference\",\"id\":\"x\"}]", "input[0].type")]
    [InlineData(",\"input\":[{\"content\":\"x\"}]", "input[0].role")]
    [InlineData(",\"input\":[{\"role\":\"king\",\"content\":\"x\"}]", "input[0].role")]
    [InlineData(",\"input\":[{\"role\":\"user\"}]", "input[0].content")]
    [InlineData(",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_file\"}]}]", "input[0].content[0].type")]
    [InlineData(",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"https://host/a.png\"}]}]", "input[0].content[0].image_url")]
    [InlineData(",\"input\":[CALL]", "input[0].call_id")]
    [InlineData(",\"input\":[CALL,{\"type\":\"function_call_output\",\"call_id\":\"b\",\"output\":\"x\"}]", "input[1].call_id")]
    [InlineData(",\"input\":[CALL,{\"role\":\"user\",\"content\":\"x\"}]", "input[0].call_id")]
    [InlineData(",\"input\":\"x\",\"previous_response_id\":\"resp_1\"", "previous_response_id")]
    [InlineData(",\"input\":\"x\",\"conversation\":\"conv_1\"", "conversation")]
    [InlineData(",\"input\":\"x\",\"store\":true", "store")]
    [InlineData(",\"input\":\"x\",\"background\":true", "background")]
    [InlineData(",\"input\":\"x\",\"prompt\":{\"id\":\"p\"}", "prompt")]
    [InlineData(",\"input\":\"x\",\"truncation\":\"auto\"", "truncation")]
    [InlineData(",\"input\":\"x\",\"max_tool_calls\":1", "max_tool_calls")]
    [InlineData(",\"input\":\"x\",\"max_output_tokens\":0", "max_output_tokens")]
    [InlineData(",\"input\":\"x\",\"tools\":[{\"type\":\"web_search\"}]", "tools[0].type")]
    [InlineData(",\"input\":\"x\",\"tools\":[{\"type\":\"function\"}]", "tools[0].name")]
    [InlineData(",\"input\":\"x\",\"tool_choice\":{\"type\":\"file_search\"}", "tool_choice.type")]
    [InlineData(",\"input\":\"x\",\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"a\"}}", "text.format.schema")]
    [InlineData(",\"input\":\"x\",\"text\":{\"verbosity\":\"low\"}", "text.verbosity")]
    [InlineData(",\"input\":\"x\",\"reasoning\":{\"summary\":\"detailed\"}", "reasoning.summary")]
    [InlineData(",\"input\":\"x\",\"include\":[\"file_search_call.results\"]", "include")]
    [InlineData(",\"input\":\"x\",\"top_logprobs\":21", "top_logprobs")]
    [InlineData(",\"input\":\"x\",\"temperature\":3", "temperature")]
    [InlineData(",\"input\":\"x\",\"service_tier\":\"flex\"", "service_tier")]
    public void Request_Wrong_IsRefusedNamingTheField(string fields, string param)
    {
        var refused = Assert.Throws<RequestRefusedException>(() => Read(fields));

        Assert.Equal((400, param), (refused.Error.Status, refused.Error.Param));
    }

    [Fact]
    public void Input_OfItems_BecomesAChat()
    {
        var request = Read(
            """
            ,"input":[{"role":"user","content":[{"type":"input_text","text":"Hi"}]},
                      {"type":"reasoning","id":"rs_1","summary":[]},
                      {"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Look:","annotations":[]}]},
                      CALL,{"type":"function_call","call_id":"b","name":"look","arguments":"{}"},
                      {"type":"function_call_output","call_id":"b","output":"2"},{"type":"function_call_output","call_id":"a","output":"1"},
                      {"role":"user","content":"And?"}],
             "instructions":"Be brief.","store":false
            """);

        Assert.Equal(
            """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Hi"}]},{"role":"assistant","content":[{"type":"text","text":"Look:"}],"tool_calls":[{"id":"a","type":"function","function":{"name":"look","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"look","arguments":"{}"}}]},{"role":"tool","content":"2","tool_call_id":"b"},{"role":"tool","content":"1","tool_call_id":"a"},{"role":"user","content":"And?"}]}""",
            Encoding.UTF8.GetString(request.WorkBody.Span));
        Assert.Empty(request.Ignored);
    }

    [Fact]
    public void Request_WithEverything_AsksNodesUnderItsOwnNames()
    {
        var request = Read(
            """
            ,"input":"x","max_output_tokens":9,"temperature":0.5,"top_p":0.9,"top_logprobs":2,"include":["message.output_text.logprobs"],"metadata":{"a":"b"},
             "reasoning":{"effort":"low","summary":"auto"},"text":{"format":{"type":"json_schema","name":"a","schema":{"type":"object"},"strict":true}},
             "tools":[{"type":"function","name":"look"}],"parallel_tool_calls":false
            """);

        Assert.Equal(
            """{"temperature":0.5,"top_p":0.9,"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"},"strict":true}},"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"look"}}],"parallel_tool_calls":false,"logprobs":true,"top_logprobs":2}""",
            Encoding.UTF8.GetString(request.WorkBody.Span));
        Assert.Equal(
            [
                new RequiredCapability("chat", "model"), new("reasoning_effort", "reasoning.effort"), new("json_schema", "text.format"),
                new("tools", "tools"), new("logprobs", "top_logprobs"),
            ],
            request.Capabilities);
        Assert.Equal((9u, true, true), (request.MaxTokens, request.Logprobs, request.MayCallTools));
    }

    private static CompletionRequest Read(string fields)
    {
        using var body = JsonDocument.Parse("{\"model\":\"auto\"" + fields.Replace("CALL", Call, StringComparison.Ordinal) + "}");
        return ResponseRequestReader.Read(body.RootElement);
    }
}
