using System.Buffers.Binary;
using ComputeShare.Gateway.Nodes;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>A node that answers with these messages, in pieces of any length, not all of which are there at once; it may break at their end.</summary>
internal sealed class ScriptedNode(IReadOnlyList<byte[]> messages, bool breaks, Random random) : HttpMessageHandler
{
    public NodeWay Way => new(new HttpMessageInvoker(this, disposeHandler: false), new Uri("http://node"));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage { Content = new StreamContent(new Body([.. messages.SelectMany(Framed)], breaks, random)) });

    /// <summary>As gRPC sends a message.</summary>
    public static byte[] Framed(byte[] message)
    {
        var framed = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        return framed;
    }

    private sealed class Body(byte[] bytes, bool breaks, Random random) : Stream
    {
        private int _next;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (random.Next(4) == 0)
            {
                await Task.Yield();
            }

            if (_next == bytes.Length && buffer.Length > 0 && breaks)
            {
                throw new IOException(HostileJson.Marker);
            }

            var count = Math.Min(Math.Min(buffer.Length, bytes.Length - _next), 1 + random.Next(random.Next(2) == 0 ? 16 : 4096));
            bytes.AsMemory(_next, count).CopyTo(buffer);
            _next += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
            // Nothing is written.
        }
    }
}
