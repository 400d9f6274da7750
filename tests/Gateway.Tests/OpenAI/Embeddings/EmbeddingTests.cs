using System.Net;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;
using Grpc.Core;

namespace ComputeShare.Gateway.Tests.OpenAI.Embeddings;

[Trait("Category", "Integration")]
[Trait("Wire", "53")]
public sealed class EmbeddingTests(RedisServer redis)
{
    private const string Path = "/v1/embeddings";
    private const string Ask = """{"model":"auto","input":["a","b"]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Embeddings_AsNumbers_AreTheDocumentedBytesAndThePromptAloneIsPaid()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => Vectors(frames, (1, [0.5f, 1]), (0, [-1.5f, 0.1f]));

        var body = await market.PostForBodyAsync(Ask, Path);

        Assert.Equal(
            """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[-1.5,0.1]},{"object":"embedding","index":1,"embedding":[0.5,1]}],"model":"auto","usage":{"prompt_tokens":7,"total_tokens":7}}""",
            body);
        var job = market.Nodes[0].Requests.Single();
        Assert.Equal(("""{"input":["a","b"]}""", 1u), (job.Embedding.Body.ToStringUtf8(), job.Slots));
        var settle = await market.Billing.SettledAsync(Token);
        var share = Assert.Single(settle.Shares);
        Assert.Equal((5u, 2u, 0u), (share.PromptTokens, share.CachedTokens, share.CompletionTokens));
        Assert.Equal(("embedding", "completed"), (settle.Record.Operation, settle.Record.Outcome));
        var hold = market.Billing.Holds.Single();
        Assert.Equal((2u + 16, 0u, 0u), (hold.PromptTokens, hold.CompletionTokens, hold.MinCompletionTokens));
    }

    [Fact]
    public async Task Embeddings_AsBase64_AreLittleEndianFloats()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => Vectors(frames, (0, [1, -2]));

        var body = await market.PostForBodyAsync("""{"model":"auto","input":[3,4],"encoding_format":"base64","dimensions":2,"user":"me","other":1}""", Path);

        Assert.Contains("\"embedding\":\"AACAPwAAAMA=\"", body, StringComparison.Ordinal);
        Assert.Equal("""{"input":[[3,4]],"dimensions":2}""", market.Nodes[0].Requests.Single().Embedding.Body.ToStringUtf8());
        Assert.Equal(["embeddings", "token_ids", "dimensions"], market.Scheduler.Reserves.Single().RequiredCapabilities);
    }

    [Fact]
    public async Task Embeddings_OneNodeFailsHalfway_AnotherServesAndOnlyItIsPaid()
    {
        await using var market = await Market.StartAsync(redis, nodes: 2);
        market.Nodes[0].OnGenerate = (_, frames, cancelled) => frames.WriteAsync(Vector(0, [1]), cancelled);
        market.Nodes[1].OnGenerate = (_, frames, _) => Vectors(frames, (0, [1]), (1, [2]));

        using var response = await market.PostAsync(Ask, path: Path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("node-1", Assert.Single((await market.Billing.SettledAsync(Token)).Shares).NodeId);
    }

    [Theory]
    [InlineData(0u, new[] { 1f }, 0u, new[] { 2f })]
    [InlineData(0u, new[] { 1f }, 2u, new[] { 2f })]
    [InlineData(0u, new[] { 1f }, 1u, new float[0])]
    [InlineData(0u, new[] { 1f }, 1u, new[] { 1f, 2f })]
    [InlineData(0u, new[] { 1f }, 1u, new[] { float.NaN })]
    public async Task Embeddings_ThatAreNone_AreTheNodesErrorAndFree(uint first, float[] one, uint second, float[] other)
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => Vectors(frames, (first, one), (second, other));

        using var response = await market.PostAsync(Ask, path: Path);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("node_malformed", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Empty((await market.Billing.SettledAsync(Token)).Shares);
    }

    private static async Task Vectors(IServerStreamWriter<Frame> frames, params (uint Index, float[] Numbers)[] vectors)
    {
        foreach (var (index, numbers) in vectors)
        {
            await frames.WriteAsync(Vector(index, numbers));
        }

        await frames.WriteAsync(new Frame { Finished = new Finished { Usage = new EngineUsage { PromptTokens = 7, CachedTokens = 2 } } });
    }

    private static Frame Vector(uint index, float[] numbers) => new() { Delta = new Delta { ChoiceIndex = index, Embedding = { numbers } } };
}
