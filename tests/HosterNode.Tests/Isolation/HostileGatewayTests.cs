using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Tests.Engines.OpenAI;
using ComputeShare.ServiceDefaults.Ports;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests.Isolation;

/// <summary>A gateway that keeps to nothing: what each of its requests gets.</summary>
[Trait("Category", "Integration")]
public sealed class HostileGatewayTests(LimitedNode limited) : IClassFixture<LimitedNode>
{
    private const string Hello = """{"messages":[{"role":"user","content":"Tell me of the river."}]}""";

    private FakeEngine Engine => limited.Engine;

    private RunningNode Node => limited.Node;

    public static TheoryData<string, FailureKind, string> Requests => new()
    {
        { "a long body", FailureKind.Unsupported, "" },
        { "many tokens", FailureKind.Unsupported, "max_tokens" },
        { "all tokens", FailureKind.Unsupported, "max_tokens" },
        { "many choices", FailureKind.EngineError, "n" },
        { "all choices", FailureKind.EngineError, "n" },
        { "more choices than slots", FailureKind.Busy, "" },
        { "many stops", FailureKind.EngineError, "stop" },
        { "a long stop", FailureKind.EngineError, "stop" },
        { "a long salt", FailureKind.EngineError, "" },
        { "another model", FailureKind.Unsupported, "model" },
        { "a model of two lines", FailureKind.Unsupported, "model" },
        { "a request id that is a sentence", FailureKind.EngineError, "" },
        { "a lease of two lines", FailureKind.EngineError, "" },
        { "no work", FailureKind.EngineError, "" },
        { "a body that is no JSON", FailureKind.EngineError, "" },
        { "a body that is a list", FailureKind.EngineError, "" },
        { "a continuation", FailureKind.Unsupported, "" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Generate_ARequestBeyondTheLimits_IsRefusedAndReachesNoEngine(string what, FailureKind kind, string param)
    {
        Engine.OnChat = FakeEngine.Streams(FakeEngine.Chat);
        var asked = Engine.Bodies.Count;

        var failed = Assert.Single(await Node.GenerateAsync(Make(what))).Failed;

        Assert.Equal((kind, param), (failed.Kind, failed.Param));
        Assert.Equal(asked, Engine.Bodies.Count);
        Assert.DoesNotContain(Node.Logs.All, line => line.Contains("xyzzy", StringComparison.Ordinal));
        Assert.NotNull((await Node.GenerateAsync(RunningNode.Chat(Hello)))[^1].Finished);
    }

    [Fact]
    public async Task Generate_NoBoundOfTokens_GetsTheNodesOwn()
    {
        Engine.OnChat = FakeEngine.Streams(FakeEngine.Chat);

        await Node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 0));

        Assert.Equal(100, Engine.Bodies.Last().GetProperty("max_tokens").GetInt32());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    public async Task Generate_NoDeadline_EndsAtTheNodesOwn(uint total)
    {
        var left = new TaskCompletionSource();
        Engine.OnChat = async context =>
        {
            try
            {
                await FakeEngine.Hangs(FakeEngine.Role, FakeEngine.Content(" ki"))(context);
            }
            finally
            {
                left.TrySetResult();
            }
        };
        var request = RunningNode.Chat(Hello);
        request.Deadlines = new Deadlines { TotalMs = total };

        var failed = (await Node.GenerateAsync(request))[^1].Failed;

        Assert.Equal((FailureKind.Deadline, Fault.Nobody), (failed.Kind, failed.Fault));
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Watch_ANodeWithLimits_TellsThem()
    {
        using var watch = Node.Client.Watch(new WatchRequest(), cancellationToken: TestContext.Current.CancellationToken);
        await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        var limits = watch.ResponseStream.Current.Limits;
        Assert.Equal((2048u, 100u, 1000u), (limits.MaxBodyBytes, limits.MaxCompletionTokens, limits.MaxTotalMs));
    }

    [Fact]
    public async Task Call_BytesThatAreNoMessage_FailAlone()
    {
        Engine.OnChat = FakeEngine.Streams(FakeEngine.Chat);
        var method = new Method<byte[], byte[]>(
            MethodType.ServerStreaming, "computeshare.inference.v1.Inference", "Generate", Marshallers.Create(bytes => bytes, bytes => bytes), Marshallers.Create(bytes => bytes, bytes => bytes));
        using var channel = StreamingChannel.Open(Node.InternalAddress, TimeSpan.FromSeconds(5));
        using var call = channel.WithSecret(RunningNode.DialToken).AsyncServerStreamingCall(method, null, new CallOptions(), [0xFF, 0xFF, 0xFF, 0x07, 0x00]);

        await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        Assert.NotNull((await Node.GenerateAsync(RunningNode.Chat(Hello)))[^1].Finished);
    }

    [Theory]
    [InlineData("--Limits:BodyBytes=10", "Limits:BodyBytes")]
    [InlineData("--Limits:CompletionTokens=-1", "Limits:CompletionTokens")]
    [InlineData("--Limits:Total=00:00:00", "Limits:Total")]
    public async Task Start_ALimitOutOfItsRange_NamesItsKey(string setting, string key)
    {
        await using var node = new RunningNode(setting);

        Assert.Contains(key, (await Assert.ThrowsAsync<OptionsValidationException>(async () => await node.InitializeAsync())).Message, StringComparison.Ordinal);
    }

    private static GenerateRequest Make(string what)
    {
        var request = RunningNode.Chat("""{"messages":[{"role":"user","content":"xyzzy"}]}""");
        switch (what)
        {
            case "a long body":
                return RunningNode.Chat($$"""{"messages":[{"role":"user","content":"{{new string('x', 3000)}}"}]}""");
            case "many tokens":
                request.MaxTokens = 101;
                break;
            case "all tokens":
                request.MaxTokens = uint.MaxValue;
                break;
            case "many choices":
                request.Slots = 9;
                break;
            case "all choices":
                request.Slots = uint.MaxValue;
                break;
            case "more choices than slots":
                request.Slots = 3;
                break;
            case "many stops":
                request.Stop.Add(["a", "b", "c", "d", "e"]);
                break;
            case "a long stop":
                request.Stop.Add(new string('x', 2000));
                break;
            case "a long salt":
                request.CacheSalt = ByteString.CopyFrom(new byte[1000]);
                break;
            case "another model":
                request.Model = "xyzzy";
                break;
            case "a model of two lines":
                request.Model = "computeshare/tiny\nxyzzy";
                break;
            case "a request id that is a sentence":
                request.RequestId = "xyzzy says hello";
                break;
            case "a lease of two lines":
                request.LeaseId = "1\nxyzzy";
                break;
            case "no work":
                request.ClearWork();
                break;
            case "a body that is no JSON":
                request.Chat.Body = ByteString.CopyFromUtf8("xyzzy");
                break;
            case "a body that is a list":
                request.Chat.Body = ByteString.CopyFromUtf8("[\"xyzzy\"]");
                break;
            default:
                request.Continuation = new Continuation { Text = "xyzzy" };
                break;
        }

        return request;
    }
}
