using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>
/// One answer as it arrives: every token of it must be the engine's, in order, and the last, where what it says is known. Looks for what it
/// needs only; whether the JSON around it is well formed, tests say.
/// </summary>
/// <param name="request">What was asked.</param>
/// <param name="sent">When, by <see cref="Stopwatch"/>.</param>
/// <param name="arrived">Is told of every token; of a whole answer as one.</param>
internal sealed class LoadAnswer(LoadRequest request, long sent, Action arrived)
{
    private static ReadOnlySpan<byte> Content => "\"content\":\""u8;

    private readonly List<byte> _rest = [];
    private int _tokens;
    private bool _isDone;

    /// <summary>Until the first token; of a whole answer, until its end.</summary>
    public TimeSpan First { get; private set; }

    /// <summary>A part of the body.</summary>
    public void Take(ReadOnlySpan<byte> part)
    {
        if (!request.IsStream)
        {
            _rest.AddRange(part);
            return;
        }

        while (part.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (_rest.Count == 0)
            {
                TakeLine(part[..end]);
            }
            else
            {
                _rest.AddRange(part[..end]);
                TakeLine(CollectionsMarshal.AsSpan(_rest));
                _rest.Clear();
            }

            part = part[(end + 1)..];
        }

        _rest.AddRange(part);
    }

    /// <exception cref="InvalidOperationException">It is not what the engine said.</exception>
    public void End()
    {
        if (request.IsStream)
        {
            Check(_isDone && (request.IsKnown ? _tokens == request.Tokens : _tokens > 0), $"{_tokens} of {request.Tokens} tokens arrived, and {(_isDone ? "the" : "no")} end.");
            return;
        }

        var body = Encoding.UTF8.GetString([.. _rest]);
        Check(body.Contains($"\"content\":\"{BenchText.Answer(request.Tokens)}\"", StringComparison.Ordinal), body);
        First = Stopwatch.GetElapsedTime(sent);
        arrived();
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf(Content) is >= 0 and var at)
        {
            TakeTokens(line[(at + Content.Length)..]);
        }
        else if (line.StartsWith("data: [DONE]"u8))
        {
            _isDone = true;
        }
    }

    private void TakeTokens(ReadOnlySpan<byte> text)
    {
        if (!request.IsKnown)
        {
            if (text[0] != (byte)'"')
            {
                TakeToken();
            }

            return;
        }

        // Several at once where they waited for each other on the way.
        while (text[0] != (byte)'"')
        {
            var token = BenchText.Utf8(_tokens);
            Check(text.StartsWith(token), "A token is not the engine's.");
            text = text[token.Length..];
            TakeToken();
        }
    }

    private void TakeToken()
    {
        if (_tokens++ == 0)
        {
            First = Stopwatch.GetElapsedTime(sent);
        }

        arrived();
    }

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvalidOperationException(message);
        }
    }
}
