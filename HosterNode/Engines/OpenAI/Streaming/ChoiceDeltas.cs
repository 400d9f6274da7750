using System.Text.Json;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>Makes one choice's chunks into deltas. A token without whole characters yet comes with the one that completes them.</summary>
internal sealed class ChoiceDeltas(int choice, bool asksLogprobs)
{
    private readonly WholeText _content = new();
    private readonly WholeText _reasoning = new();
    private readonly ToolCallParts _calls = new();
    private Delta _next = new() { ChoiceIndex = (uint)choice };

    /// <summary>Tokens of the choice so far.</summary>
    public uint Tokens { get; private set; }

    /// <summary>The choice has called a tool.</summary>
    public bool HasCalls => _calls.Any;

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
        Count(EngineLogprobs.In(entry.Get("logprobs")), IsFilled(content) || IsFilled(reasoning) || delta.Get("tool_calls").Items().Any());
        return _next.Text.Length + _next.Reasoning.Length + _next.ToolCalls.Count > 0 ? Take() : null;
    }

    /// <summary>The choice is over: tokens that never became a whole character.</summary>
    /// <exception cref="EngineException">A tool call is not whole.</exception>
    public Delta? Complete()
    {
        _calls.Complete(_next.ToolCalls);
        return _next.TokenCount > 0 || _next.ToolCalls.Count > 0 ? Take() : null;
    }

    private Delta Take()
    {
        var ready = _next;
        if (ready.TokenIds.Count != ready.TokenCount)
        {
            // All or none of a frame's tokens have ids.
            ready.TokenIds.Clear();
        }

        _next = new Delta { ChoiceIndex = (uint)choice, Position = Tokens };
        return ready;
    }

    /// <summary>An event is a token, unless the engine says how many it has: log-probabilities come one per token.</summary>
    private void Count(IEnumerable<(TokenLogprob Token, int? Id)> logprobs, bool hasText)
    {
        var counted = 0u;
        foreach (var (token, id) in logprobs)
        {
            counted++;
            if (id is { } known)
            {
                _next.TokenIds.Add((uint)known);
            }

            if (asksLogprobs)
            {
                _next.Logprobs.Add(token);
            }
        }

        counted = counted == 0 && hasText ? 1 : counted;
        _next.TokenCount += counted;
        Tokens += counted;
    }

    private static bool IsFilled(JsonElement text) => text.ValueKind == JsonValueKind.String && !text.ValueEquals("");
}
