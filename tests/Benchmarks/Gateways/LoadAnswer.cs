using System.Buffers.Text;
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
/// <param name="arrived">Is told of every token; of a whole answer as one, and of what is not known at its end.</param>
internal sealed class LoadAnswer(LoadRequest request, long sent, Action arrived)
{
    private static ReadOnlySpan<byte> Content => "\"content\":"u8;

    private static ReadOnlySpan<byte> Usage => "\"completion_tokens\":"u8;

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
            var isAll = request.IsKnown ? _tokens == request.Tokens : _tokens > 0 && First > TimeSpan.Zero;
            Check(_isDone && isAll, $"{_tokens} of at most {request.Tokens} tokens arrived, and {(_isDone ? "the" : "no")} end.");
            return;
        }

        var body = Encoding.UTF8.GetString([.. _rest]);
        Check(body.Contains($"\"content\":\"{BenchText.Answer(request.Tokens)}\"", StringComparison.Ordinal), body);
        First = Stopwatch.GetElapsedTime(sent);
        arrived();
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf(Content) is >= 0 and var at && line[(at + Content.Length)..].TrimStart((byte)' ') is [(byte)'"', .. var text])
        {
            TakeText(text);
        }
        else if (line.StartsWith("data: [DONE]"u8))
        {
            _isDone = true;
        }

        if (!request.IsKnown && line.IndexOf(Usage) is >= 0 and var usage)
        {
            // How many tokens a piece of text is cannot be seen in it.
            _ = Utf8Parser.TryParse(line[(usage + Usage.Length)..].TrimStart((byte)' '), out _tokens, out _);
            for (var token = 0; token < _tokens; token++)
            {
                arrived();
            }
        }
    }

    private void TakeText(ReadOnlySpan<byte> text)
    {
        if (First == TimeSpan.Zero && text[0] != (byte)'"')
        {
            First = Stopwatch.GetElapsedTime(sent);
        }

        // Several at once where they waited for each other on the way.
        while (request.IsKnown && text[0] != (byte)'"')
        {
            var token = BenchText.Utf8(_tokens++);
            Check(text.StartsWith(token), "A token is not the engine's.");
            text = text[token.Length..];
            arrived();
        }
    }

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvalidOperationException(message);
        }
    }
}
