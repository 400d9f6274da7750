using System.IO.Compression;
using System.Net;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Tests.Engines.OpenAI;

namespace ComputeShare.HosterNode.Tests.Isolation;

/// <summary>What an engine, or whatever answers at its address, cannot make a node do.</summary>
[Trait("Category", "Integration")]
public sealed class HostileEngineTests : EngineTest
{
    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Generate_TheEngineSendsItElsewhere_NobodyElseIsAsked(int status)
    {
        await using var other = await FakeEngine.StartAsync();
        Engine.OnChat = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = $"{other.Address}v1/chat/completions";
            return Task.CompletedTask;
        };

        AssertFailed(await Node.GenerateAsync(RunningNode.Chat(Hello)), FailureKind.EngineError, Fault.Node, retryable: true);
        Assert.Empty(other.Paths);
    }

    [Fact]
    public async Task Generate_TheEngineSetsACookie_ItIsNotKept()
    {
        Engine.OnChat = context =>
        {
            context.Response.Cookies.Append("session", "1");
            return FakeEngine.Streams(FakeEngine.Chat)(context);
        };

        await Node.GenerateAsync(RunningNode.Chat(Hello));
        await Node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.DoesNotContain(Engine.Headers, header => header.StartsWith("Cookie", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Generate_TheMachineHasAProxy_ItIsNotAsked()
    {
        var before = HttpClient.DefaultProxy;
        var proxy = new RecordingProxy();
        HttpClient.DefaultProxy = proxy;
        try
        {
            await using var node = await RunningNode.StartAsync(Engine.Setting);

            Assert.NotNull((await node.GenerateAsync(RunningNode.Chat(Hello)))[^1].Finished);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }

        Assert.DoesNotContain(proxy.Asked, port => port == Engine.Port);
    }

    [Theory]
    [InlineData("text/event-stream", 200)]
    [InlineData("application/json", 200)]
    [InlineData("application/json", 400)]
    public async Task Generate_ACompressedAnswer_IsNotUnpacked(string type, int status)
    {
        // Ten megabytes of blanks.
        Engine.OnChat = async context =>
        {
            (context.Response.StatusCode, context.Response.ContentType, context.Response.Headers.ContentEncoding) = (status, type, "gzip");
            await using var packed = new GZipStream(context.Response.Body, CompressionLevel.SmallestSize, leaveOpen: true);
            await packed.WriteAsync(new byte[10 << 20], context.RequestAborted);
        };

        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.NotNull(Assert.Single(frames, frame => frame.Failed is not null).Failed);
        Assert.DoesNotContain(Engine.Headers, header => header.StartsWith("Accept-Encoding", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(200, "text/event-stream", ": ping\n\n")]
    [InlineData(200, "text/event-stream", "data: {\"choices\":[]}\n\n")]
    [InlineData(200, "application/json", "                ")]
    [InlineData(500, "application/json", "                ")]
    public async Task Generate_AnAnswerWithoutEnd_IsLeftAfterSoMany(int status, string type, string piece)
    {
        var pieces = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, 4096)));
        Engine.OnChat = async context =>
        {
            (context.Response.StatusCode, context.Response.ContentType) = (status, type);
            while (true)
            {
                await context.Response.Body.WriteAsync(pieces, context.RequestAborted);
            }
        };

        AssertFailed(await Node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 8)), FailureKind.EngineError, Fault.Node, retryable: true);
        await Engine.Closed.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Generate_HeadersWithoutEnd_AreALostEngine()
    {
        Engine.OnChat = context =>
        {
            for (var header = 0; header < 200; header++)
            {
                context.Response.Headers[$"x-{header}"] = new string('x', 1000);
            }

            return FakeEngine.Streams(FakeEngine.Chat)(context);
        };

        AssertFailed(await Node.GenerateAsync(RunningNode.Chat(Hello)), FailureKind.EngineLost, Fault.Node, retryable: true);
    }

    /// <summary>Says of everybody that they need no proxy, and remembers that it was asked.</summary>
    private sealed class RecordingProxy : IWebProxy
    {
        public System.Collections.Concurrent.ConcurrentBag<int> Asked { get; } = [];

        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => null;

        public bool IsBypassed(Uri host)
        {
            Asked.Add(host.Port);
            return true;
        }
    }
}
