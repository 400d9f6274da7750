namespace ComputeShare.Billing.Verdicts;

/// <summary>What is thought of a node's model after one more report.</summary>
internal enum Verdict
{
    /// <summary>Too little is known yet.</summary>
    None,
    Honest,
    Found,

    /// <summary>Found once too often.</summary>
    Barred,
}
