using System.Text;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Streaming;

/// <summary>One choice of an answer that leaves as a whole.</summary>
internal sealed class CollectedChoice
{
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<TokenLogprob> _logprobs = [];
    private readonly List<CollectedCall> _toolCalls = [];

    public string Content => _content.ToString();

    public string Reasoning => _reasoning.ToString();

    public IReadOnlyList<TokenLogprob> Logprobs => _logprobs;

    public IReadOnlyList<CollectedCall> ToolCalls => _toolCalls;

    /// <summary>Known when the answer is written.</summary>
    public string FinishReason { get; set; } = "";

    public void Add(in TextPiece piece)
    {
        _content.Append(piece.Content);
        _reasoning.Append(piece.Reasoning);
        _logprobs.AddRange(piece.Logprobs ?? []);
        foreach (var call in piece.ToolCalls ?? [])
        {
            if (call is { Id: { } id, Name: { } name })
            {
                _toolCalls.Add(new CollectedCall(id, name));
            }

            _toolCalls[call.Index].Add(call.Arguments);
        }
    }

    public void Clear()
    {
        _content.Clear();
        _reasoning.Clear();
        _logprobs.Clear();
        _toolCalls.Clear();
    }
}

/// <summary>A tool call, put together of its pieces.</summary>
internal sealed class CollectedCall(string id, string name)
{
    private readonly StringBuilder _arguments = new();

    public string Id => id;

    public string Name => name;

    public string Arguments => _arguments.ToString();

    public void Add(string arguments) => _arguments.Append(arguments);
}
