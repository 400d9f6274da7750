using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>One consumer on one HTTP/1.1 connection: as little as there must be, for a load generator that costs much measures itself.</summary>
internal sealed class LoadConnection(Uri server) : IDisposable
{
    private Socket _socket = NewSocket();
    private readonly byte[] _received = new byte[4096];
    private int _start;
    private int _end;
    private bool _isLast;

    public Task ConnectAsync() => _socket.ConnectAsync(server.Host, server.Port);

    /// <summary>Sends a request and reads its answer to the end.</summary>
    /// <returns>How long the first token took.</returns>
    /// <exception cref="InvalidOperationException">The answer is not what the engine said, or none.</exception>
    /// <exception cref="SocketException">The connection has ended.</exception>
    public async Task<TimeSpan> AskAsync(LoadRequest request, Action arrived)
    {
        if (_isLast)
        {
            _socket.Dispose();
            (_socket, _isLast, _start, _end) = (NewSocket(), false, 0, 0);
            await ConnectAsync();
        }

        var answer = new LoadAnswer(request, Stopwatch.GetTimestamp(), arrived);
        await _socket.SendAsync(request.Bytes, SocketFlags.None);
        var length = await ReadHeadAsync();
        if (length is { } known)
        {
            await ReadAsync(answer, known);
        }
        else
        {
            while (await ReadChunkSizeAsync() is > 0 and var size)
            {
                await ReadAsync(answer, size);
                await ReadLineAsync();
            }

            await ReadLineAsync();
        }

        answer.End();
        return answer.First;
    }

    public void Dispose() => _socket.Dispose();

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <returns>The body's length; null where it comes in chunks.</returns>
    private async Task<int?> ReadHeadAsync()
    {
        var status = await ReadLineAsync();
        if (!status.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(status);
        }

        int? length = null;
        while (await ReadLineAsync() is { Length: > 0 } header)
        {
            const string name = "content-length:";
            // Servers may end a connection after some requests; llama.cpp's does.
            _isLast |= header.Equals("connection: close", StringComparison.OrdinalIgnoreCase);
            length = header.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? int.Parse(header.AsSpan(name.Length), CultureInfo.InvariantCulture) : length;
        }

        return length;
    }

    private async ValueTask<int> ReadChunkSizeAsync()
    {
        var length = await FindLineAsync();
        return Utf8Parser.TryParse(Next(length), out int size, out _, 'x') ? size : throw new InvalidOperationException("No chunk follows.");
    }

    private async ValueTask<string> ReadLineAsync()
    {
        var length = await FindLineAsync();
        return Encoding.ASCII.GetString(Next(length).TrimEnd((byte)'\r'));
    }

    // The line without its end, which is moved past; it stays where it is until more is received.
    private ReadOnlySpan<byte> Next(int length)
    {
        var line = _received.AsSpan(_start, length);
        _start += length + 1;
        return line;
    }

    /// <returns>How many bytes there are before the line's end.</returns>
    private async ValueTask<int> FindLineAsync()
    {
        int length;
        while ((length = _received.AsSpan(_start, _end - _start).IndexOf((byte)'\n')) < 0)
        {
            await ReceiveAsync();
        }

        return length;
    }

    private async ValueTask ReadAsync(LoadAnswer answer, int length)
    {
        while (length > 0)
        {
            if (_start == _end)
            {
                await ReceiveAsync();
            }

            var part = Math.Min(length, _end - _start);
            answer.Take(_received.AsSpan(_start, part));
            _start += part;
            length -= part;
        }
    }

    private async ValueTask ReceiveAsync()
    {
        if (_start > 0)
        {
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            (_start, _end) = (0, _end - _start);
        }

        var received = await _socket.ReceiveAsync(_received.AsMemory(_end), SocketFlags.None);
        _end += received > 0 ? received : throw new SocketException((int)SocketError.ConnectionReset);
    }
}
