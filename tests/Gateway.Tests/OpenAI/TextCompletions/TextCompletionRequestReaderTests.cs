using System.Text.Json;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.TextCompletions;

namespace ComputeShare.Gateway.Tests.OpenAI.TextCompletions;

public sealed class TextCompletionRequestReaderTests
{
    [Theory]
    [InlineData("", "prompt")]
    [InlineData(",\"prompt\":7", "prompt")]
    [InlineData(",\"prompt\":[]", "prompt")]
    [InlineData(",\"prompt\":[[]]", "prompt")]
    [InlineData(",\"prompt\":[\"a\",7]", "prompt[1]")]
    [InlineData(",\"prompt\":[[1],\"a\"]", "prompt[1]")]
    [InlineData(",\"prompt\":[1,-1]", "prompt")]
    [InlineData(",\"prompt\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]", "prompt")]
    [InlineData(",\"prompt\":[\"a\",\"b\",\"c\"],\"n\":3", "n")]
    [InlineData(",\"prompt\":\"a\",\"n\":9", "n")]
    [InlineData(",\"prompt\":\"a\",\"best_of\":2", "best_of")]
    [InlineData(",\"prompt\":\"a\",\"echo\":true", "echo")]
    [InlineData(",\"prompt\":\"a\",\"suffix\":\"b\"", "suffix")]
    [InlineData(",\"prompt\":\"a\",\"logprobs\":6", "logprobs")]
    [InlineData(",\"prompt\":\"a\",\"logprobs\":true", "logprobs")]
    [InlineData(",\"prompt\":\"a\",\"max_tokens\":0", "max_tokens")]
    [InlineData(",\"prompt\":\"a\",\"temperature\":3", "temperature")]
    [InlineData(",\"prompt\":\"a\",\"response_format\":{\"type\":\"json_object\"}", "response_format")]
    [InlineData(",\"prompt\":\"a\",\"tools\":[{}]", "tools")]
    [InlineData(",\"prompt\":\"a\",\"stream_options\":{}", "stream_options")]
    public void Request_Wrong_IsRefusedNamingTheField(string fields, string param)
    {
        using var body = JsonDocument.Parse("{\"model\":\"auto\"" + fields + "}");

        var refused = Assert.Throws<RequestRefusedException>(() => TextCompletionRequestReader.Read(body.RootElement));

        Assert.Equal((400, param), (refused.Error.Status, refused.Error.Param));
    }

    [Theory]
    [InlineData("\"abcdefgh\"", 0u, 16u, 3u)]
    [InlineData("[\"abcdefgh\",\"\"]", 0u, 24u, 4u)]
    [InlineData("[1,2,3]", 3u, 11u, 3u)]
    [InlineData("[[1,2,3],[4]]", 3u, 20u, 4u)]
    public void Prompt_OfAnyShape_HasItsSize(string prompt, uint atLeast, uint atMost, uint likely)
    {
        using var body = JsonDocument.Parse("{\"model\":\"auto\",\"prompt\":" + prompt + "}");

        var request = TextCompletionRequestReader.Read(body.RootElement);

        Assert.Equal((atLeast, atMost, likely), (request.Prompt.Bounds.AtLeast, request.Prompt.Bounds.AtMost, request.Prompt.Bounds.Likely));
    }
}
