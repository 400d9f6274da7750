using System.Text.Json;
using ComputeShare.Contracts.Inference;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>Answers that come as one object: embeddings.</summary>
[Trait("Category", "Integration")]
public sealed class EngineWholeAnswerTests : EngineTest
{
    [Fact]
    public async Task Generate_Embeddings_AreAskedInPartsAndComeInOrder()
    {
        Engine.Embed = Vectors;
        var request = RunningNode.Chat("{}");
        request.Embedding = new EmbeddingWork { Body = ByteString.CopyFromUtf8($$"""{"input":[{{string.Join(',', Enumerable.Range(0, 20).Select(number => $"\"{number}\""))}}],"dimensions":2}""") };

        var frames = await Node.GenerateAsync(request);

        Assert.Equal(Enumerable.Range(0, 20).Select(number => (float)number), frames.Where(frame => frame.Delta is not null).OrderBy(frame => frame.Delta.ChoiceIndex).Select(frame => frame.Delta.Embedding[0]));
        Assert.Equal(20u, frames[^1].Finished.Usage.PromptTokens);
        // Beside them there may be the node's own question.
        var asked = Engine.Bodies.Where(body => body.TryGetProperty("dimensions", out _));
        Assert.Equal([16, 4], asked.Select(body => body.GetProperty("input").GetArrayLength()));
    }

    [Theory]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":[{"index":3,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":["x"]}]}""")]
    [InlineData("""[]""")]
    public async Task Generate_EmbeddingsThatAreNone_AreTheNodesFault(string answer)
    {
        Engine.Embed = _ => answer;
        var request = RunningNode.Chat("{}");
        request.Embedding = new EmbeddingWork { Body = ByteString.CopyFromUtf8("""{"input":["x"]}""") };

        AssertFailed(await Node.GenerateAsync(request), FailureKind.EngineError, Fault.Node, retryable: true);
    }

    /// <summary>A vector of each input's number, the last one first.</summary>
    private static string Vectors(JsonElement body)
    {
        var inputs = body.GetProperty("input").EnumerateArray().Select(input => input.GetString()).ToArray();
        var vectors = inputs.Select((number, index) => $$"""{"index":{{index}},"embedding":[{{number}},0.5]}""").Reverse();
        return $$"""{"data":[{{string.Join(',', vectors)}}],"usage":{"prompt_tokens":{{inputs.Length}} } }""";
    }
}
