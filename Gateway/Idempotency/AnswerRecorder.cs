using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace ComputeShare.Gateway.Idempotency;

/// <summary>Stands before the response's body and keeps what is written to it, up to <see cref="KeptAnswer.MostBytes"/>. One writer at a time.</summary>
internal sealed class AnswerRecorder : PipeWriter, IHttpResponseBodyFeature
{
    private readonly IHttpResponseBodyFeature _body;
    private readonly ArrayBufferWriter<byte> _written = new();
    private Memory<byte> _lent;

    private AnswerRecorder(IHttpResponseBodyFeature body) => _body = body;

    /// <summary>More was written than is kept.</summary>
    public bool IsTooLarge { get; private set; }

    public ReadOnlyMemory<byte> Written => _written.WrittenMemory;

    public PipeWriter Writer => this;

    public Stream Stream => AsStream(leaveOpen: true);

    public override bool CanGetUnflushedBytes => _body.Writer.CanGetUnflushedBytes;

    public override long UnflushedBytes => _body.Writer.UnflushedBytes;

    public static AnswerRecorder Before(HttpContext context)
    {
        var recorder = new AnswerRecorder(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        context.Features.Set<IHttpResponseBodyFeature>(recorder);
        return recorder;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _lent = _body.Writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        IsTooLarge |= _written.WrittenCount + bytes > KeptAnswer.MostBytes;
        if (!IsTooLarge)
        {
            _written.Write(_lent.Span[..bytes]);
        }

        _body.Writer.Advance(bytes);
        _lent = _lent[bytes..];
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => _body.Writer.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => _body.Writer.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => _body.Writer.Complete(exception);

    public void DisableBuffering() => _body.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => _body.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("No answer is a file.");

    public Task CompleteAsync() => _body.CompleteAsync();
}
