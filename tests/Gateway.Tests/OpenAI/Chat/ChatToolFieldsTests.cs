using System.Text;
using System.Text.Json;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Chat;

namespace ComputeShare.Gateway.Tests.OpenAI.Chat;

/// <summary>Tools, forms of the answer, images: what a chat request may ask of a model beside text.</summary>
public sealed class ChatToolFieldsTests
{
    private const string Hi = """{"role":"user","content":"Hi"}""";
    private const string Weather = """{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}},"strict":true}}""";
    private const string Call = """{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"get_weather","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"get_weather","arguments":"{}"}}]}""";

    // The smallest PNG's beginning is enough.
    private const string Png = "data:image/png;base64,iVBORw0KGgo=";

    [Theory]
    [InlineData("\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"x\"}}]", "tools[0].type")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{}}]", "tools[0].function.name")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"no spaces\"}}]", "tools[0].function.name")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":[]}}]", "tools[0].function.parameters")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"strict\":1}}]", "tools[0].function.strict")]
    [InlineData("\"tools\":[WEATHER,WEATHER]", "tools[1]")]
    [InlineData("\"tools\":{}", "tools")]
    [InlineData("\"tools\":[WEATHER],\"tool_choice\":\"always\"", "tool_choice")]
    [InlineData("\"tools\":[WEATHER],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"other\"}}", "tool_choice")]
    [InlineData("\"tools\":[WEATHER],\"tool_choice\":{\"type\":\"function\"}", "tool_choice.function")]
    [InlineData("\"tools\":[WEATHER],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{}}", "tool_choice.type")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData("\"tools\":[WEATHER],\"parallel_tool_calls\":\"yes\"", "parallel_tool_calls")]
    [InlineData("\"functions\":[{\"name\":\"a\"}]", "functions")]
    [InlineData("\"function_call\":\"auto\"", "function_call")]
    [InlineData("\"response_format\":{\"type\":\"grammar\"}", "response_format.type")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{}}}", "response_format.json_schema.name")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\"}}", "response_format.json_schema.schema")]
    [InlineData("\"reasoning_effort\":\"huge\"", "reasoning_effort")]
    [InlineData("\"verbosity\":\"low\"", "verbosity")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "modalities")]
    [InlineData("\"audio\":{\"voice\":\"x\"}", "audio")]
    [InlineData("\"prediction\":{\"type\":\"content\",\"content\":\"x\"}", "prediction")]
    [InlineData("\"web_search_options\":{}", "web_search_options")]
    [InlineData("\"store\":true", "store")]
    [InlineData("\"service_tier\":\"flex\"", "service_tier")]
    [InlineData("\"prompt_cache_retention\":\"24h\"", "prompt_cache_retention")]
    [InlineData("\"safety_identifier\":7", "safety_identifier")]
    [InlineData("\"prompt_cache_key\":7", "prompt_cache_key")]
    [InlineData("\"repetition_penalty\":0", "repetition_penalty")]
    [InlineData("\"models\":\"auto\"", "models")]
    [InlineData("\"models\":[\"\"]", "models[0]")]
    public void Field_Wrong_IsRefusedByItsName(string fields, string param)
    {
        var refused = Assert.Throws<RequestRefusedException>(() => Read(fields, Hi));

        Assert.Equal((400, param), (refused.Error.Status, refused.Error.Param));
    }

    [Theory]
    [InlineData("HI,{\"role\":\"tool\",\"content\":\"x\",\"tool_call_id\":\"a\"}", "messages[1].tool_call_id")]
    [InlineData("CALL,{\"role\":\"tool\",\"content\":\"x\"}", "messages[1].tool_call_id")]
    [InlineData("CALL,{\"role\":\"tool\",\"content\":\"x\",\"tool_call_id\":\"c\"}", "messages[1].tool_call_id")]
    [InlineData("CALL,{\"role\":\"tool\",\"tool_call_id\":\"a\"}", "messages[1].content")]
    [InlineData("CALL,{\"role\":\"tool\",\"content\":\"x\",\"tool_call_id\":\"a\"}", "messages[0].tool_calls[0]")]
    [InlineData("CALL,HI", "messages[0].tool_calls[0]")]
    [InlineData("{\"role\":\"user\",\"content\":\"x\",\"tool_calls\":[]}", "messages[0].tool_calls")]
    [InlineData("{\"role\":\"function\",\"name\":\"a\",\"content\":\"x\"}", "messages[0].role")]
    [InlineData("{\"role\":\"assistant\",\"content\":\"x\",\"function_call\":{}}", "messages[0].function_call")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://host/cat.png\"}}]}", "messages[0].content[0].image_url")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}}]}", "messages[0].content[0].image_url")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,iVBORw0KGgo=\"}}]}", "messages[0].content[0].image_url")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png,x\"}}]}", "messages[0].content[0].image_url")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"PNG\",\"detail\":\"4k\"}}]}", "messages[0].content[0].image_url.detail")]
    [InlineData("{\"role\":\"system\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"PNG\"}}]}", "messages[0].content[0].image_url")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\",\"input_audio\":{}}]}", "messages[0].content[0].input_audio")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{}}]}", "messages[0].content[0].file")]
    public void Message_Wrong_IsRefusedByItsPlace(string messages, string param)
    {
        var refused = Assert.Throws<RequestRefusedException>(() => Read("\"user\":\"u\"", messages));

        Assert.Equal((400, param), (refused.Error.Status, refused.Error.Param));
    }

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"json_object\"}", "json_object", "response_format")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"type\":\"object\"},\"strict\":true}}", "json_schema", "response_format")]
    [InlineData("\"tools\":[WEATHER],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}},\"parallel_tool_calls\":false", "tools", "tools")]
    [InlineData("\"reasoning_effort\":\"low\"", "reasoning_effort", "reasoning_effort")]
    [InlineData("\"repetition_penalty\":1.1", "repetition_penalty", "repetition_penalty")]
    [InlineData("\"typical_p\":0.5", "typical_p", "typical_p")]
    [InlineData("\"min_tokens\":3", "min_tokens", "min_tokens")]
    public void Field_ThatAnEngineMustKnow_IsForwardedAndRequired(string fields, string capability, string param)
    {
        var request = Read(fields, Hi);

        var body = JsonDocument.Parse(request.WorkBody).RootElement;
        foreach (var field in JsonDocument.Parse("{" + Expand(fields) + "}").RootElement.EnumerateObject())
        {
            Assert.True(JsonElement.DeepEquals(field.Value, body.GetProperty(field.Name)));
        }

        Assert.Equal([new RequiredCapability("chat", "model"), new RequiredCapability(capability, param)], request.Capabilities);
        Assert.Empty(request.Ignored);
    }

    [Theory]
    [InlineData("\"top_k\":0,\"min_p\":0,\"typical_p\":1,\"repetition_penalty\":1,\"min_tokens\":0,\"logit_bias\":{}")]
    [InlineData("\"store\":false,\"service_tier\":\"auto\",\"prompt_cache_retention\":\"in_memory\",\"verbosity\":\"medium\",\"parallel_tool_calls\":true")]
    [InlineData("\"safety_identifier\":\"s\",\"prompt_cache_key\":\"k\",\"stream\":true,\"stream_options\":{\"include_obfuscation\":false}")]
    public void Field_ThatAsksForNothing_IsAcceptedAndStays(string fields)
    {
        var request = Read(fields, Hi);

        Assert.Equal($$"""{"messages":[{{Hi}}]}""", Encoding.UTF8.GetString(request.WorkBody.Span));
        Assert.Equal(["chat"], request.Capabilities.Select(capability => capability.Name));
        Assert.Empty(request.Ignored);
    }

    [Fact]
    public void Messages_OfAToolLoop_ReachTheNodeAsTheyAre()
    {
        var answers = """{"role":"tool","content":[{"type":"text","text":"sunny"}],"tool_call_id":"b"},{"role":"tool","content":"rain","tool_call_id":"a"}""";

        var request = Read($"\"tools\":[{Weather}]", $"{Hi},{Call},{answers}");

        Assert.Equal(
            """[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"get_weather","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},{"role":"tool","content":[{"type":"text","text":"sunny"}],"tool_call_id":"b"},{"role":"tool","content":"rain","tool_call_id":"a"}]""",
            JsonDocument.Parse(request.WorkBody).RootElement.GetProperty("messages").GetRawText());
        Assert.True(request.MayCallTools);
    }

    [Fact]
    public void Messages_OfAnEarlierAnswer_LoseWhatIsNoPrompt()
    {
        var request = Read("\"user\":\"u\"", """{"role":"assistant","content":null,"refusal":"No.","annotations":[],"reasoning_content":"hm","audio":null},{"role":"assistant","content":"Yes","refusal":null}""");

        Assert.Equal(
            """{"messages":[{"role":"assistant","content":"No."},{"role":"assistant","content":"Yes"}]}""",
            Encoding.UTF8.GetString(request.WorkBody.Span));
    }

    [Fact]
    public void Image_InTheRequest_ReachesTheNodeAndNeedsOneThatSees()
    {
        var message = $$$"""{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"{{{Png}}}","detail":"low"}}]}""";

        var request = Read("\"user\":\"u\"", message);

        Assert.Equal($$"""{"messages":[{{message}}]}""", Encoding.UTF8.GetString(request.WorkBody.Span));
        Assert.Contains(new RequiredCapability("images", "messages[0].content[1].image_url"), request.Capabilities);
    }

    [Theory]
    [InlineData("\"models\":[\"a\",\"b\",\"a\"]", "a,b")]
    [InlineData("\"model\":\"b\",\"models\":[\"a\",\"b\"]", "b,a")]
    [InlineData("\"model\":\"auto\"", "auto")]
    public void Models_WithFallbacks_AreAskedForInOrder(string fields, string models)
    {
        var request = ChatRequestReader.Read(JsonDocument.Parse("{" + fields + ",\"messages\":[" + Hi + "]}").RootElement);

        Assert.Equal(models.Split(','), request.Models);
    }

    private static CompletionRequest Read(string fields, string messages) => ChatRequestReader.Read(
        JsonDocument.Parse("{\"model\":\"auto\"," + Expand(fields) + ",\"messages\":[" + Expand(messages) + "]}").RootElement);

    private static string Expand(string text) => text
        .Replace("WEATHER", Weather, StringComparison.Ordinal)
        .Replace("CALL", Call, StringComparison.Ordinal)
        .Replace("HI", Hi, StringComparison.Ordinal)
        .Replace("\"PNG\"", $"\"{Png}\"", StringComparison.Ordinal);
}
