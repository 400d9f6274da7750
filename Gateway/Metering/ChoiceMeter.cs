using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Streaming;
using ComputeShare.Tokenizing;

namespace ComputeShare.Gateway.Metering;

/// <summary>
/// Counts what of one choice goes out, by the model's own tokenisation: content, reasoning, and of each tool call its name and its
/// arguments are texts of their own.
/// </summary>
internal sealed class ChoiceMeter(TextTokenizer tokenizer)
{
    private readonly TokenCounter _content = new(tokenizer);
    private readonly TokenCounter _reasoning = new(tokenizer);
    private List<TokenCounter>? _calls;
    private int _names;

    public uint Count => (uint)(_content.Count + _reasoning.Count + _names + (_calls?.Sum(arguments => arguments.Count) ?? 0));

    /// <summary>What no text that follows can make less.</summary>
    public uint Settled => (uint)(_content.Settled + _reasoning.Settled + _names + (_calls?.Sum(arguments => arguments.Settled) ?? 0));

    public uint Reasoning => (uint)_reasoning.Count;

    public void Add(in TextPiece piece)
    {
        _content.Append(piece.Content);
        _reasoning.Append(piece.Reasoning);
        for (var index = 0; index < piece.ToolCalls?.Count; index++)
        {
            var call = piece.ToolCalls[index];
            if (call.Name is not null)
            {
                (_calls ??= []).Add(new TokenCounter(tokenizer));
                _names += TokenCounter.CountOf(tokenizer, call.Name);
            }

            _calls![call.Index].Append(call.Arguments);
        }
    }

    /// <summary>What the count would be with a frame's text; its calls always make it more.</summary>
    public uint CountWith(Delta delta) => delta.ToolCalls.Count > 0
        ? uint.MaxValue
        : (uint)(Count - _content.Count - _reasoning.Count + _content.CountWith(delta.Text) + _reasoning.CountWith(delta.Reasoning));
}
