using System.Text.Json;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Embeddings;

namespace ComputeShare.Gateway.Tests.OpenAI.Embeddings;

[Trait("Wire", "53")]
public sealed class EmbeddingRequestReaderTests
{
    [Theory]
    [InlineData("", "input")]
    [InlineData(",\"input\":\"\"", "input")]
    [InlineData(",\"input\":[]", "input")]
    [InlineData(",\"input\":[\"a\",\"\"]", "input[1]")]
    [InlineData(",\"input\":[[1],[]]", "input[1]")]
    [InlineData(",\"input\":\"a\",\"encoding_format\":\"int8\"", "encoding_format")]
    [InlineData(",\"input\":\"a\",\"dimensions\":0", "dimensions")]
    [InlineData(",\"input\":\"a\",\"stream\":true", "stream")]
    public void Request_Wrong_IsRefusedNamingTheField(string fields, string param)
    {
        using var body = JsonDocument.Parse("{\"model\":\"auto\"" + fields + "}");

        var refused = Assert.Throws<RequestRefusedException>(() => EmbeddingRequestReader.Read(body.RootElement));

        Assert.Equal((400, param), (refused.Error.Status, refused.Error.Param));
    }

    [Theory]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public void Inputs_UpTo2048_AreAccepted(int inputs, bool accepted)
    {
        using var body = JsonDocument.Parse("{\"model\":\"auto\",\"input\":[" + string.Join(',', Enumerable.Repeat("\"a\"", inputs)) + "]}");

        Assert.Equal(accepted ? null : "input", Record.Exception(() => EmbeddingRequestReader.Read(body.RootElement)) is RequestRefusedException refused ? refused.Error.Param : null);
    }
}
