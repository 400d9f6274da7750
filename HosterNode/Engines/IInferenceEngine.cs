using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines;

/// <summary>
/// What generates for this node: the built-in model, or a server beside it. It knows nothing of slots' owners, leases and deadlines;
/// the node keeps those, and never runs more choices side by side than <see cref="EngineDescription.MaxSlots"/>.
/// </summary>
internal interface IInferenceEngine
{
    /// <summary>What the engine offers now. Asked at every state of the node, so an answer is kept, not made anew.</summary>
    ValueTask<EngineDescription> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Runs one request: one <c>started</c>, deltas of any choice as they come, one <c>finished</c> with reasons and usage (its times are
    /// the node's). Stops within a token when cancelled. A frame is valid until the next is asked for: the engine may write it over.
    /// </summary>
    /// <exception cref="EngineException">The request failed; says how, and whose fault it is.</exception>
    IAsyncEnumerable<Frame> GenerateAsync(GenerateRequest request, CancellationToken cancellationToken);
}
