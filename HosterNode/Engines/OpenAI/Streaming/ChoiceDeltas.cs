using System.Text.Json;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>
/// Makes one choice's events into deltas. A token without whole characters yet comes with the one that completes them. There is one frame for
/// all of them, so that a token leaves nothing behind.
/// </summary>
/// <param name="choice">Its index.</param>
/// <param name="asksLogprobs">Log-probabilities are handed on.</param>
/// <param name="begun">How many tokens of the choice another node wrote.</param>
internal sealed class ChoiceDeltas(int choice, bool asksLogprobs, int begun)
{
    private readonly WholeText _content = new();
    private readonly WholeText _reasoning = new();
    private readonly ToolCallParts _calls = new();
    private readonly Frame _frame = new() { Delta = new Delta { ChoiceIndex = (uint)choice, Position = (uint)begun } };
    private bool _isTaken;
    private bool _isComplete;

    /// <summary>Tokens of the choice so far, without those that another node wrote.</summary>
    public uint Tokens { get; private set; }

    /// <summary>The choice has called a tool.</summary>
    public bool HasCalls => _calls.Any;

    /// <summary>Takes a <see cref="PlainChunk"/>'s text.</summary>
    /// <returns>False: the text does not begin or end with a whole character, and nothing is taken of it.</returns>
    public bool TryAdd(ReadOnlySpan<byte> utf8)
    {
        if (!_content.TryAdd(utf8, out var text))
        {
            return false;
        }

        var next = Next();
        next.Text += text;
        Count(next, text.Length > 0 ? 1 : 0);
        return true;
    }

    /// <summary>Takes an entry of a chunk's <c>choices</c>.</summary>
    /// <exception cref="EngineException">It is not one.</exception>
    public void Add(JsonElement entry)
    {
        if (!entry.IsObject() || (entry.Get("index").IsSet() && entry.Get("index").Count() != 0))
        {
            throw EngineFailures.Malformed();
        }

        var next = Next();
        var delta = entry.Get("delta");
        var content = delta.IsSet() ? delta.Get("content") : entry.Get("text");
        var reasoning = delta.Get("reasoning_content").IsSet() ? delta.Get("reasoning_content") : delta.Get("reasoning");
        next.Text += _content.Add(content);
        next.Reasoning += _reasoning.Add(reasoning);
        _calls.Add(delta.Get("tool_calls"), next.ToolCalls);
        var hasText = IsFilled(content) || IsFilled(reasoning) || delta.Get("tool_calls").Items().Any();
        // Of a last chunk without text it is the token that ends the answer.
        var ids = hasText || !entry.Get("finish_reason").IsSet() ? entry.Get("token_ids").Items().Select(Id).ToArray() : [];
        Count(next, [.. EngineLogprobs.In(entry.Get("logprobs"))], ids, hasText);
    }

    /// <summary>The choice is over: tokens that never became a whole character are to be taken, too.</summary>
    /// <exception cref="EngineException">A tool call is not whole.</exception>
    public void Complete()
    {
        _calls.Complete(Next().ToolCalls);
        _isComplete = true;
    }

    /// <summary>What has come and was not taken yet, as a frame that is valid until more is added; null when nothing of it can be shown yet.</summary>
    public Frame? Take()
    {
        var next = _frame.Delta;
        if (_isTaken || (next.Text.Length + next.Reasoning.Length + next.ToolCalls.Count == 0 && !(_isComplete && next.TokenCount > 0)))
        {
            return null;
        }

        if (next.TokenIds.Count != next.TokenCount)
        {
            // All or none of a frame's tokens have ids.
            next.TokenIds.Clear();
        }

        _isTaken = true;
        return _frame;
    }

    private Delta Next()
    {
        var next = _frame.Delta;
        if (_isTaken)
        {
            next.Begin((uint)choice, (uint)begun + Tokens);
            _isTaken = false;
        }

        return next;
    }

    /// <summary>An event is a token, unless the engine says how many it has: log-probabilities, and ids, come one per token.</summary>
    private void Count(Delta next, (TokenLogprob Token, int? Id)[] logprobs, uint[] ids, bool hasText)
    {
        next.TokenIds.AddRange(ids.Length > 0 ? ids : logprobs.Select(entry => entry.Id).OfType<int>().Select(id => (uint)id));
        if (asksLogprobs)
        {
            next.Logprobs.AddRange(logprobs.Select(entry => entry.Token));
        }

        Count(next, logprobs.Length > 0 ? logprobs.Length : ids.Length > 0 ? ids.Length : hasText ? 1 : 0);
    }

    private void Count(Delta next, int tokens)
    {
        next.TokenCount += (uint)tokens;
        Tokens += (uint)tokens;
    }

    private static uint Id(JsonElement id) => (uint)(id.Count() ?? throw EngineFailures.Malformed());

    private static bool IsFilled(JsonElement text) => text.ValueKind == JsonValueKind.String && !text.ValueEquals("");
}
