namespace ComputeShare.Gateway.Streaming;

/// <summary>
/// Completion tokens of one attempt. <b>Written</b> went into the response; it is <b>delivered</b>, and paid, once a flush has completed
/// while the connection lived. Text that follows may join what is there to fewer tokens; what is <b>certain</b> it cannot. Written by the
/// request's flow, read by the checkpoint reporter.
/// </summary>
internal sealed class DeliveredUsage(uint choices)
{
    private readonly uint[] _written = new uint[choices];
    private readonly uint[] _certainOf = new uint[choices];
    private uint _sum;
    private volatile uint _delivered;
    private volatile uint _certain;
    private volatile bool _vectors;
    private volatile bool _text;

    public uint Written => _sum;

    public uint Delivered => _delivered;

    /// <summary>Of what is delivered, what no text that follows can make less.</summary>
    public uint Certain => _certain;

    /// <summary>Of what is written, as the gateway counted it; null where the node's word has to do.</summary>
    public uint? Reasoning { get; set; }

    /// <summary>Something arrived, so that the prompt is owed too.</summary>
    public bool IsAnything => _text || _vectors;

    /// <summary>The sum there would be with this choice at <paramref name="tokens"/>.</summary>
    public uint WrittenWith(int choice, uint tokens) => _sum - _written[choice] + tokens;

    public void Write(int choice, uint tokens, uint certain)
    {
        _sum = WrittenWith(choice, tokens);
        _written[choice] = tokens;
        _certainOf[choice] = certain;
    }

    public void Deliver()
    {
        var certain = 0u;
        foreach (var tokens in _certainOf)
        {
            certain += tokens;
        }

        _certain = certain;
        _delivered = _sum;
        _text = _sum > 0;
    }

    /// <summary>Embeddings have no completion tokens: their prompt alone is paid.</summary>
    public void DeliverVectors() => _vectors = true;
}
