namespace ComputeShare.Gateway.Probes;

/// <summary>A response's body that nobody sends anywhere, and when the last of it was written.</summary>
internal sealed class TimedBody(TimeProvider clock) : MemoryStream
{
    /// <summary>A timestamp of the clock.</summary>
    public long LastWrite { get; private set; } = clock.GetTimestamp();

    public ReadOnlyMemory<byte> Written => GetBuffer().AsMemory(0, (int)Length);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        LastWrite = clock.GetTimestamp();
        base.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        LastWrite = clock.GetTimestamp();
        base.Write(buffer, offset, count);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        LastWrite = clock.GetTimestamp();
        return base.WriteAsync(buffer, cancellationToken);
    }
}
