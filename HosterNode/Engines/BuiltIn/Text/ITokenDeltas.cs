using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Text;

/// <summary>Makes one choice's tokens into deltas: <see cref="DeltaAssembler"/> of text, <see cref="CallAssembler"/> of tool calls.</summary>
internal interface ITokenDeltas
{
    /// <summary>A stop string was found: the choice is over.</summary>
    bool IsStopped { get; }

    /// <summary>Takes the next token; returns what can be shown now.</summary>
    Delta? Add(int token, ReadOnlySpan<byte> bytes, TokenLogprob? logprob);

    /// <summary>The choice ended: what was held.</summary>
    Delta? Complete();
}
