using System.Text.Json;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>Makes one choice's chunks into deltas. A token without whole characters yet comes with the one that completes them.</summary>
/// <param name="choice">Its index.</param>
/// <param name="asksLogprobs">Log-probabilities are handed on.</param>
/// <param name="begun">How many tokens of the choice another node wrote.</param>
internal sealed class ChoiceDeltas(int choice, bool asksLogprobs, int begun)
{
    private readonly WholeText _content = new();
    private readonly WholeText _reasoning = new();
    private readonly ToolCallParts _calls = new();
    private Delta _next = new() { ChoiceIndex = (uint)choice, Position = (uint)begun };

    /// <summary>Tokens of the choice so far, without those that another node wrote.</summary>
    public uint Tokens { get; private set; }

    /// <summary>The choice has called a tool.</summary>
    public bool HasCalls => _calls.Any;

    /// <summary>Takes a <see cref="PlainChunk"/>'s text; the delta is null when nothing of it can be shown yet.</summary>
    /// <returns>False: the text does not begin or end with a whole character, and nothing is taken of it.</returns>
    public bool TryAdd(ReadOnlySpan<byte> utf8, out Delta? delta)
    {
        delta = null;
        if (!_content.TryAdd(utf8, out var text))
        {
            return false;
        }

        _next.Text += text;
        Count(text.Length > 0 ? 1 : 0);
        delta = TakeFilled();
        return true;
    }

    /// <summary>Takes an entry of a chunk's <c>choices</c>; null when nothing of it can be shown yet.</summary>
    /// <exception cref="EngineException">It is not one.</exception>
    public Delta? Add(JsonElement entry)
    {
        if (!entry.IsObject() || (entry.Get("index").IsSet() && entry.Get("index").Count() != 0))
        {
            throw EngineFailures.Malformed();
        }

        var delta = entry.Get("delta");
        var content = delta.IsSet() ? delta.Get("content") : entry.Get("text");
        var reasoning = delta.Get("reasoning_content").IsSet() ? delta.Get("reasoning_content") : delta.Get("reasoning");
        _next.Text += _content.Add(content);
        _next.Reasoning += _reasoning.Add(reasoning);
        _calls.Add(delta.Get("tool_calls"), _next.ToolCalls);
        var hasText = IsFilled(content) || IsFilled(reasoning) || delta.Get("tool_calls").Items().Any();
        // Of a last chunk without text it is the token that ends the answer.
        var ids = hasText || !entry.Get("finish_reason").IsSet() ? entry.Get("token_ids").Items().Select(Id).ToArray() : [];
        Count([.. EngineLogprobs.In(entry.Get("logprobs"))], ids, hasText);
        return TakeFilled();
    }

    /// <summary>The choice is over: tokens that never became a whole character.</summary>
    /// <exception cref="EngineException">A tool call is not whole.</exception>
    public Delta? Complete()
    {
        _calls.Complete(_next.ToolCalls);
        return _next.TokenCount > 0 || _next.ToolCalls.Count > 0 ? Take() : null;
    }

    private Delta? TakeFilled() => _next.Text.Length + _next.Reasoning.Length + _next.ToolCalls.Count > 0 ? Take() : null;

    private Delta Take()
    {
        var ready = _next;
        if (ready.TokenIds.Count != ready.TokenCount)
        {
            // All or none of a frame's tokens have ids.
            ready.TokenIds.Clear();
        }

        _next = new Delta { ChoiceIndex = (uint)choice, Position = (uint)begun + Tokens };
        return ready;
    }

    /// <summary>An event is a token, unless the engine says how many it has: log-probabilities, and ids, come one per token.</summary>
    private void Count((TokenLogprob Token, int? Id)[] logprobs, uint[] ids, bool hasText)
    {
        _next.TokenIds.AddRange(ids.Length > 0 ? ids : logprobs.Select(entry => entry.Id).OfType<int>().Select(id => (uint)id));
        if (asksLogprobs)
        {
            _next.Logprobs.AddRange(logprobs.Select(entry => entry.Token));
        }

        Count(logprobs.Length > 0 ? logprobs.Length : ids.Length > 0 ? ids.Length : hasText ? 1 : 0);
    }

    private void Count(int tokens)
    {
        _next.TokenCount += (uint)tokens;
        Tokens += (uint)tokens;
    }

    private static uint Id(JsonElement id) => (uint)(id.Count() ?? throw EngineFailures.Malformed());

    private static bool IsFilled(JsonElement text) => text.ValueKind == JsonValueKind.String && !text.ValueEquals("");
}
