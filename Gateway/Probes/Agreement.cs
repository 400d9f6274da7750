namespace ComputeShare.Gateway.Probes;

/// <summary>What an answer says beside a trusted one.</summary>
internal enum Agreement
{
    /// <summary>There was nothing to compare, or no way to.</summary>
    NotCompared,

    /// <summary>Too little was the same before chance may have parted them.</summary>
    Inconclusive,
    Agrees,
    Differs,
}
