namespace ComputeShare.Gateway.Streaming;

/// <summary>
/// Completion tokens of one attempt. <b>Written</b> went into the response; it is <b>delivered</b>, and paid, once a flush has completed
/// while the connection lived. Written by the request's flow, read by the checkpoint reporter.
/// </summary>
internal sealed class DeliveredUsage(uint choices)
{
    private readonly uint[] _written = new uint[choices];
    private uint _sum;
    private volatile uint _delivered;
    private volatile bool _vectors;

    public uint Written => _sum;

    public uint Delivered => _delivered;

    /// <summary>Something arrived, so that the prompt is owed too.</summary>
    public bool IsAnything => _delivered > 0 || _vectors;

    /// <summary>The sum there would be with this choice at <paramref name="tokens"/>.</summary>
    public uint WrittenWith(int choice, uint tokens) => _sum - _written[choice] + tokens;

    public void Write(int choice, uint tokens)
    {
        _sum = WrittenWith(choice, tokens);
        _written[choice] = tokens;
    }

    public void Deliver() => _delivered = _sum;

    /// <summary>Embeddings have no completion tokens: their prompt alone is paid.</summary>
    public void DeliverVectors() => _vectors = true;
}
