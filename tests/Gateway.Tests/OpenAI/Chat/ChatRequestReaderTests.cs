using System.Text;
using System.Text.Json;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Chat;

namespace ComputeShare.Gateway.Tests.OpenAI.Chat;

public sealed class ChatRequestReaderTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    [Theory]
    [Trait("Wire", "8")]
    [Trait("Wire", "9")]
    [Trait("Wire", "37")]
    [InlineData("{}", "model")]
    [InlineData("{\"model\":\"auto\"}", "messages")]
    [InlineData("{\"model\":null,\"messages\":[]}", "messages")]
    [InlineData("{\"model\":7}", "model")]
    [InlineData("{\"model\":\"\",MESSAGES}", "model")]
    [InlineData("{\"model\":\"auto\",\"messages\":[]}", "messages")]
    [InlineData("{\"model\":\"auto\",\"messages\":[7]}", "messages[0]")]
    [InlineData("{\"model\":\"auto\",\"messages\":[{\"content\":\"Hi\"}]}", "messages[0].role")]
    [InlineData("{\"model\":\"auto\",\"messages\":[{\"role\":\"king\",\"content\":\"Hi\"}]}", "messages[0].role")]
    [InlineData("{\"model\":\"auto\",\"messages\":[{\"role\":\"user\"}]}", "messages[0].content")]
    [InlineData("{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":[]}]}", "messages[0].content")]
    [InlineData("{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]}", "messages[0].content[0].text")]
    [InlineData("{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}", "messages[0].content[0].image_url")]
    [InlineData("{\"model\":\"auto\",\"messages\":[{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{}]}]}", "messages[0].tool_calls[0].id")]
    [InlineData("{\"model\":\"auto\",\"temperature\":2.1,MESSAGES}", "temperature")]
    [InlineData("{\"model\":\"auto\",\"temperature\":\"hot\",MESSAGES}", "temperature")]
    [InlineData("{\"model\":\"auto\",\"top_p\":-0.1,MESSAGES}", "top_p")]
    [InlineData("{\"model\":\"auto\",\"presence_penalty\":3,MESSAGES}", "presence_penalty")]
    [InlineData("{\"model\":\"auto\",\"frequency_penalty\":-3,MESSAGES}", "frequency_penalty")]
    [InlineData("{\"model\":\"auto\",\"n\":0,MESSAGES}", "n")]
    [InlineData("{\"model\":\"auto\",\"n\":9,MESSAGES}", "n")]
    [InlineData("{\"model\":\"auto\",\"max_tokens\":0,MESSAGES}", "max_tokens")]
    [InlineData("{\"model\":\"auto\",\"max_tokens\":1.5,MESSAGES}", "max_tokens")]
    [InlineData("{\"model\":\"auto\",\"max_completion_tokens\":-1,MESSAGES}", "max_completion_tokens")]
    [InlineData("{\"model\":\"auto\",\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"],MESSAGES}", "stop")]
    [InlineData("{\"model\":\"auto\",\"stop\":\"\",MESSAGES}", "stop")]
    [InlineData("{\"model\":\"auto\",\"stop\":[7],MESSAGES}", "stop[0]")]
    [InlineData("{\"model\":\"auto\",\"seed\":\"x\",MESSAGES}", "seed")]
    [InlineData("{\"model\":\"auto\",\"logit_bias\":{\"5\":101},MESSAGES}", "logit_bias")]
    [InlineData("{\"model\":\"auto\",\"logit_bias\":{\"x\":1},MESSAGES}", "logit_bias")]
    [InlineData("{\"model\":\"auto\",\"top_logprobs\":2,MESSAGES}", "top_logprobs")]
    [InlineData("{\"model\":\"auto\",\"logprobs\":true,\"top_logprobs\":21,MESSAGES}", "top_logprobs")]
    [InlineData("{\"model\":\"auto\",\"stream\":\"yes\",MESSAGES}", "stream")]
    [InlineData("{\"model\":\"auto\",\"stream_options\":{\"include_usage\":true},MESSAGES}", "stream_options")]
    [InlineData("{\"model\":\"auto\",\"user\":7,MESSAGES}", "user")]
    [InlineData("{\"model\":\"auto\",\"metadata\":[],MESSAGES}", "metadata")]
    [InlineData("{\"model\":\"auto\",\"tools\":[{}],MESSAGES}", "tools[0].type")]
    [InlineData("{\"model\":\"auto\",\"tool_choice\":\"auto\",MESSAGES}", "tool_choice")]
    [InlineData("{\"model\":\"auto\",\"provider\":{\"sort\":\"best\"},MESSAGES}", "provider.sort")]
    [InlineData("{\"model\":\"auto\",\"provider\":{\"require_parameters\":true},\"unknown\":1,MESSAGES}", "provider.require_parameters")]
    [InlineData("[]", null)]
    public void Request_Wrong_IsRefusedNamingTheField(string body, string? param)
    {
        var refused = Assert.Throws<RequestRefusedException>(() => Read(body));

        Assert.Equal((400, OpenAIError.InvalidRequest, param), (refused.Error.Status, refused.Error.Type, refused.Error.Param));
    }

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"text\"}")]
    [InlineData("\"tool_choice\":\"none\"")]
    [InlineData("\"tools\":[]")]
    [InlineData("\"modalities\":[\"text\"]")]
    [InlineData("\"temperature\":null,\"stop\":null,\"stream_options\":null")]
    [InlineData("\"metadata\":{\"a\":\"b\"},\"user\":\"u\"")]
    public void Field_WithItsNeutralValue_IsAcceptedAndNotForwarded(string field)
    {
        var request = Read($$"""{"model":"auto",{{field}},MESSAGES}""");

        Assert.Equal($"{{{Messages}}}", Encoding.UTF8.GetString(request.WorkBody.Span));
        Assert.Empty(request.Ignored);
    }

    [Fact]
    public void Request_WithEverything_IsRebuiltFromKnownFields()
    {
        var request = Read("""
            {"model":"m","temperature":0.7,"top_p":1,"n":2,"stop":["a","b"],"seed":-7,"presence_penalty":0.5,"frequency_penalty":0,
             "logit_bias":{"5":-100},"logprobs":true,"top_logprobs":3,"top_k":40,"min_p":0.05,"max_tokens":7,"stream":true,
             "stream_options":{"include_usage":true,"other":1},"unknown":{"deep":[1]},
             "messages":[{"role":"system","content":[{"type":"text","text":"é"}]},{"role":"user","name":"bob","content":"Hi"}]}
            """);

        Assert.Equal(
            """{"temperature":0.7,"top_p":1,"seed":-7,"presence_penalty":0.5,"frequency_penalty":0,"logit_bias":{"5":-100},"top_logprobs":3,"top_k":40,"min_p":0.05,"messages":[{"role":"system","content":[{"type":"text","text":"é"}]},{"role":"user","name":"bob","content":"Hi"}],"logprobs":true,"n":2}""",
            Encoding.UTF8.GetString(request.WorkBody.Span));
        Assert.Equal(["a", "b"], request.Stop);
        Assert.Equal((7u, 2u, true, true, true), (request.MaxTokens, request.Choices, request.Stream, request.IncludeUsage, request.Logprobs));
        Assert.Equal(["chat", "logit_bias", "logprobs", "min_p", "penalties", "seed", "top_k"], request.Capabilities.Select(capability => capability.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["stream_options.other", "unknown"], request.Ignored);
        Assert.Equal(PromptSize.OfMessages(2 + 3 + 2, 2), request.Prompt.Bounds);
    }

    private static CompletionRequest Read(string body) =>
        ChatRequestReader.Read(JsonDocument.Parse(body.Replace("MESSAGES", Messages, StringComparison.Ordinal)).RootElement);
}
