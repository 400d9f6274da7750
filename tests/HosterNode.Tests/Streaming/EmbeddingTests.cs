using ComputeShare.Contracts.Inference;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Tests.Streaming;

[Trait("Category", "Integration")]
public sealed class EmbeddingTests(RunningNode node) : IClassFixture<RunningNode>
{
    [Fact]
    public async Task Generate_Embeddings_AreOneVectorOfLengthOnePerInput()
    {
        var frames = await EmbedAsync("""{"input":["The river","the sea","The river"]}""");

        Assert.StartsWith("built-in/", frames[0].Started.Fingerprint, StringComparison.Ordinal);
        var vectors = Vectors(frames);
        Assert.Equal([0u, 1u, 2u], frames[1..^1].Select(frame => frame.Delta.ChoiceIndex));
        Assert.All(vectors, vector => Assert.Equal(1, vector.Sum(value => value * value), 0.0001));
        Assert.Equal(vectors[0], vectors[2]);
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.Empty(frames[^1].Finished.FinishReasons);
    }

    [Fact]
    public async Task Generate_EmbeddingsOfIds_AreThoseOfTheText()
    {
        var tokens = new List<int>();
        CommittedModel.Model.Tokenizer.Encode("The river", tokens);

        var byText = await EmbedAsync("""{"input":["The river"]}""");
        var byIds = await EmbedAsync($$"""{"input":[[{{string.Join(',', tokens)}}]]}""");

        Assert.Equal(Vectors(byText)[0], Vectors(byIds)[0]);
        Assert.Equal((uint)tokens.Count, byText[^1].Finished.Usage.PromptTokens);
    }

    [Fact]
    public async Task Generate_FewerDimensions_AreTheFirstOnesAtLengthOneAgain()
    {
        var whole = Vectors(await EmbedAsync("""{"input":["The river"]}"""))[0];
        var few = Vectors(await EmbedAsync("""{"input":["The river"],"dimensions":8}"""))[0];

        var length = Math.Sqrt(whole.Take(8).Sum(value => value * value));
        Assert.Equal(whole.Take(8).Select(value => value / length), few.Select(value => (double)value), (expected, actual) => Math.Abs(expected - actual) < 1e-5);
    }

    [Theory]
    [InlineData("""{"input":["x"],"dimensions":0}""", "dimensions")]
    [InlineData("""{"input":["x"],"dimensions":100000}""", "dimensions")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"input":[7.5]}""", "input")]
    [InlineData("""{"input":[[99999]]}""", "input")]
    [InlineData("""{}""", "input")]
    public async Task Generate_WrongEmbeddings_FailByTheRequestsFault(string body, string param)
    {
        var failed = Assert.Single(await EmbedAsync(body)).Failed;

        Assert.Equal((Fault.Request, false, param), (failed.Fault, failed.Retryable, failed.Param));
    }

    [Fact]
    public async Task Generate_AnInputLongerThanTheContext_Overflows()
    {
        var failed = Assert.Single(await EmbedAsync($$"""{"input":["short","{{string.Concat(Enumerable.Repeat("river ", 6000))}}"]}""")).Failed;

        Assert.Equal((FailureKind.Overflow, "input"), (failed.Kind, failed.Param));
    }

    private static float[][] Vectors(List<Frame> frames) =>
        [.. frames.Where(frame => frame.Delta is not null).Select(frame => frame.Delta.Embedding.ToArray())];

    private Task<List<Frame>> EmbedAsync(string body)
    {
        var request = RunningNode.Chat("{}");
        request.Embedding = new EmbeddingWork { Body = ByteString.CopyFromUtf8(body) };
        return node.GenerateAsync(request);
    }
}
