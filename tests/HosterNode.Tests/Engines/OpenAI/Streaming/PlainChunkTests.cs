using System.Text;
using System.Text.Json;
using ComputeShare.HosterNode.Engines.OpenAI.Streaming;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Streaming;

public sealed class PlainChunkTests
{
    [Theory]
    [InlineData("""{"choices":[{"finish_reason":null,"index":0,"delta":{"content":" ki"}}],"created":1,"id":"c","model":"m","object":"chat.completion.chunk"}""", " ki")]
    [InlineData("""{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"né","reasoning_content":null},"logprobs":null,"finish_reason":null}],"usage":null}""", "né")]
    [InlineData("""{"model":{"a":[1,{"b":2}]},"choices":[{"delta":{"content":""}}]}""", "")]
    public void TryRead_OneChoiceWithATextAndNoMore_GivesTheText(string json, string text) => Assert.Equal(text, Read(json));

    [Theory]
    [InlineData("\"choices\"")]
    [InlineData("{}")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":[{"delta":{}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":null}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":1}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a\n"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a","content":"b"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"delta":{"content":"b"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}],"choices":[{"delta":{"content":"b"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a","tool_calls":[]}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a","reasoning":"b"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"token_ids":[7]}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"logprobs":{}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"index":1}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]}""")]
    [InlineData("""{"choices":[{"text":"a"}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}],"error":{}}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}],"object":"error"}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1}}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}],"timings":{"cache_n":1}}""")]
    public void TryRead_MoreOrSomethingElse_LeavesIt(string json) => Assert.Null(Read(json));

    [Theory]
    [InlineData("")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}]""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}]}}""")]
    public void TryRead_NoJson_Throws(string json) => Assert.ThrowsAny<JsonException>(() => Read(json));

    private static string? Read(string json) => PlainChunk.TryRead(Encoding.UTF8.GetBytes(json), out var text) ? Encoding.UTF8.GetString(text) : null;
}
