using System.Text;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>Makes one choice's chunks into deltas. A token without whole characters yet comes with the one that completes them.</summary>
internal sealed class ChoiceDeltas(int choice, bool asksLogprobs)
{
    private readonly WholeText _content = new();
    private readonly WholeText _reasoning = new();
    private readonly Dictionary<int, WholeText> _arguments = [];
    private Delta _next = new() { ChoiceIndex = (uint)choice };

    /// <summary>Tokens of the choice so far.</summary>
    public uint Tokens { get; private set; }

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
        _next.ToolCalls.AddRange(delta.Get("tool_calls").Items().Select(ToolCall));
        Count(entry.Get("logprobs").Get("content"), IsFilled(content) || IsFilled(reasoning) || delta.Get("tool_calls").Items().Any());
        return _next.Text.Length + _next.Reasoning.Length + _next.ToolCalls.Count > 0 ? Take() : null;
    }

    /// <summary>The choice is over: tokens that never became a whole character.</summary>
    public Delta? Complete() => _next.TokenCount > 0 ? Take() : null;

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
    private void Count(JsonElement logprobs, bool hasText)
    {
        var counted = 0u;
        foreach (var entry in logprobs.Items())
        {
            counted++;
            if (entry.Get("id").Count() is { } id)
            {
                _next.TokenIds.Add((uint)id);
            }

            if (asksLogprobs)
            {
                var token = Logprob(entry);
                token.Top.AddRange(entry.Get("top_logprobs").Items().Select(Logprob));
                _next.Logprobs.Add(token);
            }
        }

        counted = counted == 0 && hasText ? 1 : counted;
        _next.TokenCount += counted;
        Tokens += counted;
    }

    private static TokenLogprob Logprob(JsonElement entry)
    {
        // The token of a half character; its bytes say what it is.
        var token = new WholeText().Add(entry.Get("token"));
        var bytes = entry.Get("bytes");
        return new TokenLogprob
        {
            Token = token,
            Logprob = entry.Get("logprob") is { ValueKind: JsonValueKind.Number } number && number.TryGetSingle(out var value) ? value : 0,
            TokenBytes = ByteString.CopyFrom(bytes.ValueKind == JsonValueKind.Array
                ? [.. bytes.Items().Select(item => item.Count() is { } value and <= byte.MaxValue ? (byte)value : throw EngineFailures.Malformed())]
                : Encoding.UTF8.GetBytes(token)),
        };
    }

    private ToolCallDelta ToolCall(JsonElement call)
    {
        var index = call.Get("index").Count() ?? 0;
        if (!_arguments.TryGetValue(index, out var arguments))
        {
            _arguments[index] = arguments = new WholeText();
        }

        var function = call.Get("function");
        return new ToolCallDelta
        {
            Index = (uint)index,
            Id = call.Get("id").Text(),
            Name = function.Get("name").Text(),
            Arguments = arguments.Add(function.Get("arguments")),
        };
    }

    private static bool IsFilled(JsonElement text) => text.ValueKind == JsonValueKind.String && !text.ValueEquals("");
}
