using System.Text;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Streaming;

/// <summary>One choice of an answer that leaves as a whole.</summary>
internal sealed class CollectedChoice
{
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<TokenLogprob> _logprobs = [];

    public string Content => _content.ToString();

    public string Reasoning => _reasoning.ToString();

    public IReadOnlyList<TokenLogprob> Logprobs => _logprobs;

    /// <summary>Known when the answer is written.</summary>
    public string FinishReason { get; set; } = "";

    public void Add(in TextPiece piece)
    {
        _content.Append(piece.Content);
        _reasoning.Append(piece.Reasoning);
        _logprobs.AddRange(piece.Logprobs ?? []);
    }

    public void Clear()
    {
        _content.Clear();
        _reasoning.Clear();
        _logprobs.Clear();
    }
}
