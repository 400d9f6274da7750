using System.Net;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Completions;

[Trait("Category", "Integration")]
[Trait("Wire", "39")]
[Trait("Wire", "40")]
public sealed class ToolCallTests(RedisServer redis)
{
    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"get_weather"}}],"messages":[{"role":"user","content":"Hi"}]}
        """;
    private const string Ask = """{"model":"auto",""" + Tools;
    private const string AskStream = """{"model":"auto","stream":true,"stop":"city",""" + Tools;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_TwoInterleavedCalls_IsTheDocumentedBytes()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => TwoCalls(frames);

        var body = await market.PostForBodyAsync(AskStream);

        Assert.Equal(
            """
            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{"role":"assistant","content":"Hm"},"finish_reason":null}]}

            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_weather","arguments":""}}]},"finish_reason":null}]}

            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]}

            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_ID_0_1","type":"function","function":{"name":"get_weather","arguments":""}}]},"finish_reason":null}]}

            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Rom\"}"}}]},"finish_reason":null}]}

            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null}]}

            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

            data: [DONE]


            """,
            body);
        var share = Assert.Single((await market.Billing.SettledAsync(Token)).Shares);
        Assert.Equal(1u + 3 + 3 + 3 + 1, share.CompletionTokens);
    }

    [Fact]
    public async Task Completion_TwoCalls_IsTheDocumentedBytes()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => TwoCalls(frames);

        var body = await market.PostForBodyAsync(Ask);

        Assert.Equal(
            """{"id":"chatcmpl-ID","object":"chat.completion","created":0,"model":"auto","choices":[{"index":0,"message":{"role":"assistant","content":"Hm","refusal":null,"tool_calls":[{"id":"call_a","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Rom\"}"}},{"id":"call_ID_0_1","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":7,"completion_tokens":11,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":0}}}""",
            body);
    }

    [Fact]
    public async Task Stream_BeginsWithACall_HasTheRoleInItsFirstChunk()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await frames.WriteAsync(Call(0, "call_a", "get_weather", ""), cancelled);
            await FakeNode.Ends(frames, 3);
        };

        var body = await market.PostForBodyAsync(AskStream);

        Assert.Contains("\"delta\":{\"role\":\"assistant\",\"tool_calls\":[{\"index\":0,", body, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"tool_calls\"", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1u, "get_weather")]
    [InlineData(0u, "")]
    public async Task Call_WithoutABeginning_IsTheNodesError(uint index, string name)
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, cancelled) => frames.WriteAsync(Call(index, "call_a", name, "{}"), cancelled);

        using var response = await market.PostAsync(Ask);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("node_malformed", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_NotAskedFor_IsTheNodesError()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, cancelled) => frames.WriteAsync(Call(0, "call_a", "get_weather", "{}"), cancelled);

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    [Fact]
    [Trait("Wire", "20")]
    public async Task Tools_ThatNoNodeKnows_Are400NamingThem()
    {
        await using var market = await Market.StartAsync(redis);
        market.Scheduler.OnReserve = reserve => new SchedulerAnswer
        {
            Refused = new Refused { Kind = RefusalKind.NothingFits, Capability = reserve.RequiredCapabilities.Last(), Param = "whatever" },
        };

        using var response = await market.PostAsync(Ask);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(
            """{"error":{"message":"'tools' is not supported here with this value.","type":"invalid_request_error","param":"tools","code":"unsupported_parameter"}}""",
            await response.Content.ReadAsStringAsync(Token));
    }

    private static async Task TwoCalls(Grpc.Core.IServerStreamWriter<Frame> frames)
    {
        await frames.WriteAsync(FakeNode.Token("Hm"));
        await frames.WriteAsync(Call(0, "call_a", "get_weather", "{\"city\":"));
        await frames.WriteAsync(Call(1, "not fit for a client", "get_weather", ""));
        await frames.WriteAsync(Call(0, "", "", "\"Rom\"}"));
        await frames.WriteAsync(new Frame { Delta = new Delta { TokenCount = 1, ToolCalls = { new ToolCallDelta { Index = 1, Arguments = "{}" } } } });
        await FakeNode.Ends(frames, 11, FinishReason.ToolCalls);
    }

    private static Frame Call(uint index, string id, string name, string arguments) => new()
    {
        Delta = new Delta { TokenCount = 3, ToolCalls = { new ToolCallDelta { Index = index, Id = id, Name = name, Arguments = arguments } } },
    };
}
