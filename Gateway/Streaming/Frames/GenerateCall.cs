using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Nodes;
using ComputeShare.ServiceDefaults.Ports;
using Google.Protobuf;

namespace ComputeShare.Gateway.Streaming.Frames;

/// <summary>
/// One Generate call, as gRPC over HTTP/2 has it: messages behind a byte of flags and four of length. gRPC's own client makes several objects
/// of each token (docs/benchmarks/micro.md); this one makes none, and keeps no buffer while it waits. How the call ended needs no status:
/// the frames say it.
/// </summary>
internal sealed class GenerateCall : IFrameStream
{
    private const int PrefixBytes = 5;
    private const int LeastBuffer = 4 * 1024;

    private static readonly string Path = $"/{Inference.Descriptor.FullName}/Generate";

    private readonly Task<HttpResponseMessage> _opening;
    private readonly CancellationToken _stop;
    private readonly FrameDecoder _decoder = new();
    private Stream? _body;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _needed;

    /// <param name="stop">Ends the job at the node.</param>
    public GenerateCall(NodeWay way, GenerateRequest job, CancellationToken stop)
    {
        _stop = stop;
        _opening = SendAsync(way, job, stop);
    }

    public Frame Current { get; private set; } = new();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadAsync()
    {
        _body ??= await BodyAsync();
        while (!TryTake())
        {
            if (_start == _end)
            {
                GiveBuffer();
                _ = await _body.ReadAsync(Memory<byte>.Empty, _stop);
            }

            MakeRoom();
            var count = await _body.ReadAsync(_buffer.AsMemory(_end), _stop);
            if (count == 0)
            {
                var isWhole = _start == _end;
                GiveBuffer();
                return isWhole ? false : throw new EndOfStreamException("The node's call ended within a frame.");
            }

            _end += count;
        }

        return true;
    }

    /// <summary>A job that still runs goes on until it is stopped.</summary>
    public void Dispose()
    {
        // The buffer is not given back: a read that was not awaited may still write into it.
        _ = ForgetAsync(_opening);
    }

    private static async Task ForgetAsync(Task<HttpResponseMessage> opening)
    {
        try
        {
            (await opening).Dispose();
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Whoever read has heard of it.
        }
    }

    // A handler that has been disposed throws at once: here it fails the call.
    private static async Task<HttpResponseMessage> SendAsync(NodeWay way, GenerateRequest job, CancellationToken stop) =>
        await way.Http.SendAsync(Request(way, job), stop);

    private static HttpRequestMessage Request(NodeWay way, GenerateRequest job)
    {
        var message = new byte[PrefixBytes + job.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), message.Length - PrefixBytes);
        job.WriteTo(message.AsSpan(PrefixBytes));
        var content = new ByteArrayContent(message);
        content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        return way.NewCall(Path, content);
    }

    private async Task<Stream> BodyAsync()
    {
        var response = await _opening;
        // The job has arrived: the prompt need not be kept until the answer's end.
        response.RequestMessage?.Content = null;
        return response.StatusCode == HttpStatusCode.OK
            ? await response.Content.ReadAsStreamAsync(_stop)
            : throw new IOException("The node's answer is none of gRPC's.");
    }

    private bool TryTake()
    {
        var ready = _buffer.AsSpan(_start, _end - _start);
        _needed = PrefixBytes;
        if (ready.Length < PrefixBytes)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(ready[1..]);
        if (ready[0] != 0 || length > StreamingChannel.MaxNodeMessageBytes)
        {
            throw new IOException("The node's message is compressed, which was not asked for, or too large.");
        }

        _needed += (int)length;
        if (ready.Length < _needed)
        {
            return false;
        }

        Current = _decoder.Decode(ready[PrefixBytes.._needed]);
        _start += _needed;
        return true;
    }

    private void GiveBuffer()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _start = _end = 0;
    }

    // Grows with what has come: a length alone must not fill the gateway's memory.
    private void MakeRoom()
    {
        var have = _buffer.AsSpan(_start, _end - _start);
        var size = Math.Max(LeastBuffer, Math.Min(_needed, 2 * have.Length));
        var to = _buffer.Length >= size ? _buffer : ArrayPool<byte>.Shared.Rent(size);
        have.CopyTo(to);
        var count = have.Length;
        if (to != _buffer)
        {
            GiveBuffer();
            _buffer = to;
        }

        (_start, _end) = (0, count);
    }
}
