namespace ComputeShare.Gateway.Probes;

/// <summary>A catalogue model at a node, to be probed.</summary>
/// <param name="Quantization">As the node says; only answers of the same are compared.</param>
/// <param name="HasLogprobs">They may be asked for.</param>
/// <param name="MostTokens">Of an answer that leaves room for a conversation.</param>
/// <param name="ClaimedTtft">What the node says of its own speed; zero: nothing.</param>
/// <param name="ClaimedTokensPerSecond">The same; 0: nothing.</param>
internal sealed record ProbeOffer(
    string NodeId, string ModelId, string Quantization, bool HasLogprobs, int MostTokens, TimeSpan ClaimedTtft, double ClaimedTokensPerSecond);
