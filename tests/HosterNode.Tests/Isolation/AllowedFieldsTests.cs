using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Engines.OpenAI.Profiles;
using ComputeShare.HosterNode.Engines.OpenAI.Requests;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Tests.Isolation;

/// <summary>What a gateway that is not ours might send, and an engine would act on.</summary>
public sealed class AllowedFieldsTests
{
    private const string Tools = "\"messages\":[],\"tools\":";
    private static readonly EngineModel Model = new("m", "", "", 4096, [], "");
    private static readonly EngineDialect Dialect = new(new PlainProfile(), "");

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":"http://10.0.0.1/x.png"}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://10.0.0.1/x.png"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"/etc/passwd"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:text/html,<a>"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","url":"http://10.0.0.1/x.png"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://10.0.0.1/x.png","url":"data:image/png;base64,AA=="}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"video_url","video_url":{"url":"http://10.0.0.1/x.mp4"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"audio_url","audio_url":{"url":"http://10.0.0.1/x.mp3"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_image","image_url":"http://10.0.0.1/x.png"}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"../../x"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"x","image_url":{"url":"http://10.0.0.1/x.png"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":{"type":"image_url","image_url":{"url":"http://10.0.0.1/x.png"}}}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"x","images":["/etc/passwd"]}]}""")]
    [InlineData("""{"messages":[{"role":"root","content":"x"}]}""")]
    [InlineData("""{"messages":"http://10.0.0.1/"}""")]
    public void Read_AMessageThatIsMoreThanTextAndPictures_IsRefused(string body) => Assert.Equal("messages", Refused(body).ToFailed().Param);

    [Theory]
    [InlineData("chat_template", """{"messages":[],"chat_template":"{{ lipsum.__globals__ }}"}""")]
    [InlineData("chat_template_kwargs", """{"messages":[],"chat_template_kwargs":{}}""")]
    [InlineData("cache_salt", """{"messages":[],"cache_salt":"mine"}""")]
    [InlineData("lora_path", """{"messages":[],"lora_path":"/tmp/x"}""")]
    [InlineData("id_slot", """{"messages":[],"id_slot":0}""")]
    [InlineData("priority", """{"messages":[],"priority":-9}""")]
    [InlineData("user", """{"messages":[],"user":"alice"}""")]
    [InlineData("metadata", """{"messages":[],"metadata":{"a":"b"}}""")]
    [InlineData("prompt", """{"messages":[],"prompt":"x"}""")]
    [InlineData("top_logprobs", """{"messages":[],"logprobs":true,"top_logprobs":100000}""")]
    [InlineData("logit_bias", """{"messages":[],"logit_bias":{"1":{"a":1}}}""")]
    [InlineData("temperature", """{"messages":[],"temperature":"hot"}""")]
    [InlineData("min_tokens", """{"messages":[],"min_tokens":-1}""")]
    [InlineData("reasoning_effort", """{"messages":[],"reasoning_effort":"until the end of time"}""")]
    [InlineData("response_format", """{"messages":[],"response_format":{"type":"structural_tag","structures":[]}}""")]
    [InlineData("response_format", """{"messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"properties":{"b":{"$ref":"http://10.0.0.1/schema.json"}}}}}}""")]
    [InlineData("response_format", """{"messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"$ref":"file:///etc/passwd"}}}}""")]
    [InlineData("tools", "{" + Tools + """[{"type":"mcp","server_url":"http://10.0.0.1/"}]}""")]
    [InlineData("tools", "{" + Tools + """[{"type":"function","function":{"name":"f","url":"http://10.0.0.1/"}}]}""")]
    [InlineData("tools", "{" + Tools + """[{"type":"function","function":{"name":"f","parameters":{"anyOf":[{"$dynamicRef":"http://10.0.0.1/"}]}}}]}""")]
    [InlineData("tool_choice", """{"messages":[],"tool_choice":{"type":"allowed_tools"}}""")]
    public void Read_AFieldThatIsNotOfTheList_IsRefusedByItsName(string field, string body)
    {
        var failed = Refused(body).ToFailed();

        Assert.Equal((FailureKind.Unsupported, field), (failed.Kind, failed.Param));
        Assert.DoesNotContain("10.0.0.1", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt":[{"prompt_embeds":"AAAA"}]}""", "prompt")]
    [InlineData("""{"prompt":[[1,"x"]]}""", "prompt")]
    [InlineData("""{"prompt":[[1,-2]]}""", "prompt")]
    [InlineData("""{"prompt":["x"],"messages":[{"role":"user","content":[{"type":"video_url","video_url":{"url":"http://10.0.0.1/"}}]}]}""", "messages")]
    [InlineData("""{"prompt":["x"],"suffix":"y"}""", "suffix")]
    public void Read_APromptThatIsMoreThanText_IsRefused(string body, string field)
    {
        var request = Request();
        request.Completion = new CompletionWork { Body = ByteString.CopyFromUtf8(body) };

        Assert.Equal(field, Assert.Throws<EngineException>(() => EngineWork.Read(request, Model, Dialect)).ToFailed().Param);
    }

    [Theory]
    [InlineData("""{"input":[{"image":"http://10.0.0.1/x.png"}]}""")]
    [InlineData("""{"input":["x"],"embed_overrides":[]}""")]
    public void Read_AnInputThatIsMoreThanText_IsRefused(string body)
    {
        var request = Request();
        request.Embedding = new EmbeddingWork { Body = ByteString.CopyFromUtf8(body) };

        Assert.Throws<EngineException>(() => EmbeddingInputs.Read(request, Model));
    }

    [Fact]
    public void Read_WhatGatewaysSend_IsTaken()
    {
        const string Body = """
            {"messages":[{"role":"system","content":"x","name":"n"},{"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"y","tool_call_id":"1"}],
            "temperature":0.5,"top_p":1,"top_k":3,"min_p":0.1,"typical_p":0.9,"presence_penalty":0,"frequency_penalty":-1.5,"repetition_penalty":1.1,"logit_bias":{"7":-100},"logprobs":true,"top_logprobs":5,
            "min_tokens":2,"reasoning_effort":"low","seed":7,"n":1,"parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"f"}},
            "tools":[{"type":"function","function":{"name":"f","description":"d","strict":true,"parameters":{"$defs":{"a":{"type":"string"}},"properties":{"$ref":{"type":"string"},"b":{"$ref":"#/$defs/a"}}}}}],
            "response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"},"strict":true}}}
            """;

        Assert.NotNull(Read(Body));
    }

    private static GenerateRequest Request() => new() { Model = "m", Slots = 1, MaxTokens = 5 };

    private static EngineWork Read(string body)
    {
        var request = Request();
        request.Chat = new ChatWork { Body = ByteString.CopyFromUtf8(body) };
        return EngineWork.Read(request, Model, Dialect);
    }

    private static EngineException Refused(string body) => Assert.Throws<EngineException>(() => Read(body));
}
