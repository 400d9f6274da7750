using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.Tests.Fuzzing;
using Google.Protobuf;

namespace ComputeShare.MicroBenchmarks;

/// <summary>What a node answers, in memory: a token in each frame, each of them there only when it is asked for.</summary>
internal sealed class NodeAnswer : HttpMessageHandler
{
    private static readonly string[] Words = [" the", " sea", ",", " a", " quiet", " wave", " of", " light", ".", " GPU"];

    private readonly byte[] _bytes;
    private readonly int _frame;

    public NodeAnswer(int tokens)
    {
        var frames = Enumerable.Range(0, tokens).Select(index => new Frame { Delta = new Delta { Position = (uint)index, Text = Words[index % Words.Length], TokenCount = 1, TokenIds = { (uint)index } } });
        Messages = [.. frames.Select(frame => frame.ToByteArray())];
        _frame = 5 + Messages.Max(message => message.Length);
        _bytes = [.. Messages.Concat([new Frame { Finished = new Finished { FinishReasons = { FinishReason.Length } } }.ToByteArray()]).SelectMany(ScriptedNode.Framed)];
    }

    public IReadOnlyList<byte[]> Messages { get; }

    public NodeWay Way => new(new HttpMessageInvoker(this, disposeHandler: false), new Uri("http://node"));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage { Content = new StreamContent(new Pieces(_bytes, _frame)) });

    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
