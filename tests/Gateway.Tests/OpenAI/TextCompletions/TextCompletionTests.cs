using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.OpenAI.TextCompletions;

[Trait("Category", "Integration")]
[Trait("Wire", "54")]
public sealed class TextCompletionTests(RedisServer redis)
{
    private const string Path = "/v1/completions";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_WithUsage_IsTheDocumentedBytes()
    {
        await using var market = await Market.StartAsync(redis);

        var body = await market.PostForBodyAsync("""{"model":"auto","prompt":"Say","stream":true,"stream_options":{"include_usage":true}}""", Path);

        Assert.Equal(
            """
            data: {"id":"cmpl-ID","object":"text_completion","created":0,"model":"auto","choices":[{"text":"One","index":0,"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"cmpl-ID","object":"text_completion","created":0,"model":"auto","choices":[{"text":" two","index":0,"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"cmpl-ID","object":"text_completion","created":0,"model":"auto","choices":[{"text":" three","index":0,"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"cmpl-ID","object":"text_completion","created":0,"model":"auto","choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}],"usage":null}

            data: {"id":"cmpl-ID","object":"text_completion","created":0,"model":"auto","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":0}}}

            data: [DONE]


            """,
            body);
        var settle = await market.Billing.SettledAsync(Token);
        Assert.Equal(("completion", true, 3u), (settle.Record.Operation, settle.Record.Streamed, Assert.Single(settle.Shares).CompletionTokens));
    }

    [Fact]
    public async Task Completion_WithLogprobs_IsTheDocumentedBytes()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await frames.WriteAsync(Scored("Hé", -0.5f, ("Hé", -0.5f), ("Ho", -1)), cancelled);
            await frames.WriteAsync(Scored("y", -0.25f), cancelled);
            await FakeNode.Ends(frames, 2, FinishReason.Length);
        };

        var body = await market.PostForBodyAsync("""{"model":"auto","prompt":"Say","logprobs":2}""", Path);

        Assert.Equal(
            """{"id":"cmpl-ID","object":"text_completion","created":0,"model":"auto","choices":[{"text":"Héy","index":0,"logprobs":{"tokens":["Hé","y"],"token_logprobs":[-0.5,-0.25],"top_logprobs":[{"Hé":-0.5,"Ho":-1},{}],"text_offset":[0,2]},"finish_reason":"length"}],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":0}}}""",
            body);
    }

    [Fact]
    public async Task Completion_OfSeveralPrompts_RunsAllChoicesOnOneNode()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = async (request, frames, cancelled) =>
        {
            for (var choice = 0u; choice < request.Slots; choice++)
            {
                await frames.WriteAsync(FakeNode.Token($"{choice}", choice), cancelled);
            }

            await frames.WriteAsync(new Frame { Finished = new Finished { FinishReasons = { Enumerable.Repeat(FinishReason.Stop, (int)request.Slots) } } }, cancelled);
        };

        using var answer = JsonDocument.Parse(await market.PostForBodyAsync(
            """{"model":"auto","prompt":["a","b"],"n":2,"best_of":2,"stop":"END","temperature":0,"suffix":"","echo":false}""", Path));

        var job = market.Nodes[0].Requests.Single();
        Assert.Equal("""{"prompt":["a","b"],"temperature":0,"n":2}""", job.Completion.Body.ToStringUtf8());
        Assert.Equal((4u, 16u, "END"), (job.Slots, job.MaxTokens, job.Stop.Single()));
        Assert.Equal(["0", "1", "2", "3"], answer.RootElement.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()));
        Assert.Equal(["completions"], market.Scheduler.Reserves.Single().RequiredCapabilities);
    }

    [Fact]
    public async Task Stream_BrokenOff_EndsWithTheErrorEvent()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Tokens(frames, "One");

        var body = await market.PostForBodyAsync("""{"model":"auto","prompt":[[5,6,7]],"stream":true}""", Path);

        Assert.EndsWith(
            """data: {"error":{"message":"The connection to the hoster was lost.","type":"server_error","param":null,"code":"node_lost"}}""" + "\n\n",
            body,
            StringComparison.Ordinal);
        Assert.Equal("""{"prompt":[[5,6,7]]}""", market.Nodes[0].Requests.Single().Completion.Body.ToStringUtf8());
        Assert.Contains("token_ids", market.Scheduler.Reserves.Single().RequiredCapabilities);
    }

    private static Frame Scored(string token, float logprob, params (string Token, float Logprob)[] top) => new()
    {
        Delta = new Delta
        {
            Text = token,
            TokenCount = 1,
            Logprobs =
            {
                new TokenLogprob { Token = token, Logprob = logprob, Top = { top.Select(other => new TokenLogprob { Token = other.Token, Logprob = other.Logprob }) } },
            },
        },
    };
}
