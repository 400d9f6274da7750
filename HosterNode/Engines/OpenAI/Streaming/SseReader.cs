using System.Buffers;
using System.Runtime.CompilerServices;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>
/// Reads the data of server-sent events, however the bytes are cut: any of the three line ends, comments, several data lines. The
/// framework's parser has no bound, and a stranger's server could fill the memory with one line.
/// </summary>
/// <param name="stream">What is read.</param>
/// <param name="mostBytes">The longest line and the longest event.</param>
/// <param name="mostInAll">The longest stream.</param>
internal sealed class SseReader(Stream stream, int mostBytes = SseReader.MostBytes, long mostInAll = long.MaxValue)
{
    /// <summary>Of an event that is about one token: with twenty alternatives it has some kilobytes.</summary>
    public const int MostBytes = 1 << 20;

    private const int FirstBufferBytes = 8 << 10;

    private readonly ArrayBufferWriter<byte> _data = new();
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;
    private int _scanned;
    private long _read;
    private bool _hasData;
    private bool _hadCarriageReturn;
    private bool _isFirstLine = true;

    /// <summary>The event's data; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Data => _data.WrittenMemory;

    /// <summary>The event is named <c>error</c>.</summary>
    public bool IsError { get; private set; }

    /// <summary>Reads the next event; false at the stream's end. What stands there without its empty line counts as an event.</summary>
    /// <exception cref="EngineException">It is larger than any sensible one.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        _data.ResetWrittenCount();
        _hasData = false;
        IsError = false;
        while (true)
        {
            if (TryTakeLine(out var line))
            {
                if (Take(line.Span))
                {
                    return true;
                }
            }
            else if (!await FillAsync(cancellationToken))
            {
                Take(_buffer.AsSpan(_start, _end - _start));
                _start = _end;
                return _hasData;
            }
        }
    }

    private bool TryTakeLine(out ReadOnlyMemory<byte> line)
    {
        if (_hadCarriageReturn && _start < _end)
        {
            _hadCarriageReturn = false;
            _start += _buffer[_start] == '\n' ? 1 : 0;
            _scanned = Math.Max(_scanned, _start);
        }

        var found = _buffer.AsSpan(_scanned, _end - _scanned).IndexOfAny((byte)'\r', (byte)'\n');
        if (found < 0)
        {
            _scanned = _end;
            line = default;
            return false;
        }

        var lineEnd = _scanned + found;
        line = _buffer.AsMemory(_start, lineEnd - _start);
        _hadCarriageReturn = _buffer[lineEnd] == '\r';
        _start = lineEnd + 1;
        _scanned = _start;
        return true;
    }

    /// <summary>Returns whether the line ends an event that has data.</summary>
    private bool Take(ReadOnlySpan<byte> line)
    {
        if (_isFirstLine)
        {
            _isFirstLine = false;
            line = line.StartsWith("\uFEFF"u8) ? line[3..] : line;
        }

        if (line.IsEmpty)
        {
            IsError &= _hasData;
            return _hasData;
        }

        if (Value(line, "data"u8, out var data))
        {
            Append(data);
        }
        else if (Value(line, "event"u8, out var name))
        {
            IsError = name.SequenceEqual("error"u8);
        }

        return false;
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        if (_data.WrittenCount + data.Length + 1 > mostBytes)
        {
            throw EngineFailures.Malformed();
        }

        if (_hasData)
        {
            _data.Write("\n"u8);
        }

        _hasData = true;
        _data.Write(data);
    }

    private static bool Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!line.StartsWith(field) || (line.Length > field.Length && line[field.Length] != ':'))
        {
            return false;
        }

        value = line.Length > field.Length ? line[(field.Length + 1)..] : [];
        value = value.StartsWith(" "u8) ? value[1..] : value;
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end, _scanned) = (0, _end - _start, _scanned - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_end >= mostBytes)
            {
                throw EngineFailures.Malformed();
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        _read += read;
        return _read <= mostInAll ? read > 0 : throw EngineFailures.Malformed();
    }
}
