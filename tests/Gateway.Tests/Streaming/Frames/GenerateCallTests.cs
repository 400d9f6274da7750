using System.Net;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.Streaming.Frames;
using ComputeShare.Gateway.Tests.Fuzzing;
using ComputeShare.ServiceDefaults.Ports;
using Google.Protobuf;

namespace ComputeShare.Gateway.Tests.Streaming.Frames;

[Trait("Category", "Unit")]
public sealed class GenerateCallTests
{
    private static readonly byte[] Token = Message(new Frame { Delta = new Delta { Text = "a", TokenCount = 1 } });

    public static TheoryData<string, byte[]> NoMessages => new()
    {
        { "compressed", [1, .. Token[1..]] },
        { "too large", [0, .. BitConverter.GetBytes(IPAddress.HostToNetworkOrder(StreamingChannel.MaxNodeMessageBytes + 1))] },
        { "cut in its length", [0, 0, 0] },
        { "cut in its frame", Token[..^1] },
        { "no frame", [0, 0, 0, 0, 1, 0xFF] },
    };

    [Fact]
    public async Task Read_MessagesInAnyPieces_GivesThemInOrder()
    {
        var texts = new[] { "one", new string('2', 10_000), "three", "" };
        byte[] bytes = [.. texts.SelectMany(text => Message(new Frame { Delta = new Delta { Text = text, Position = 1 } }))];
        foreach (var size in (int[])[1, 7, 4096, bytes.Length])
        {
            using var node = new Answering(new Pieces(bytes, size));
            using var call = new GenerateCall(node.Way, new GenerateRequest(), CancellationToken.None);

            var read = new List<string>();
            while (await call.ReadAsync())
            {
                read.Add(call.Current.Delta.Text);
            }

            Assert.Equal(texts, read);
        }
    }

    [Theory]
    [MemberData(nameof(NoMessages))]
    public async Task Read_WhatIsNoMessage_BreaksTheCallAfterWhatCameBefore(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        using var node = new Answering(new MemoryStream([.. Token, .. bytes]));
        using var call = new GenerateCall(node.Way, new GenerateRequest(), CancellationToken.None);

        Assert.True(await call.ReadAsync());
        await Assert.ThrowsAnyAsync<IOException>(async () => await call.ReadAsync());
    }

    [Fact]
    public async Task Read_OfAnAnswerThatIsNotGrpcs_BreaksTheCall()
    {
        using var node = new Answering(new MemoryStream(), HttpStatusCode.NotFound);
        using var call = new GenerateCall(node.Way, new GenerateRequest(), CancellationToken.None);

        await Assert.ThrowsAsync<IOException>(async () => await call.ReadAsync());
    }

    [Fact]
    public async Task Call_SendsItsJobAndWhatTheWaySays()
    {
        using var node = new Answering(new MemoryStream());
        using var call = new GenerateCall(node.Way, new GenerateRequest { RequestId = "1", Model = "tiny" }, CancellationToken.None);

        Assert.False(await call.ReadAsync());
        Assert.Equal("http://node/computeshare.inference.v1.Inference/Generate", node.Asked!.RequestUri!.ToString());
        Assert.Equal("Bearer secret", node.Asked.Headers.GetValues("authorization").Single());
        Assert.Equal("tiny", GenerateRequest.Parser.ParseFrom(node.Sent.AsSpan(5)).Model);
    }

    private static byte[] Message(Frame frame) => ScriptedNode.Framed(frame.ToByteArray());

    private sealed class Answering(Stream body, HttpStatusCode status = HttpStatusCode.OK) : HttpMessageHandler
    {
        public HttpRequestMessage? Asked { get; private set; }

        public byte[] Sent { get; private set; } = [];

        public NodeWay Way => new(new HttpMessageInvoker(this, disposeHandler: false), new Uri("http://node"), NodeWay.Bearer("secret"));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (Asked, Sent) = (request, await request.Content!.ReadAsByteArrayAsync(cancellationToken));
            return new HttpResponseMessage(status) { Content = new StreamContent(body) };
        }
    }

    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return await base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
        }
    }
}
