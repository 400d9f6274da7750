namespace ComputeShare.Gateway.Idempotency;

/// <summary>What becomes of a key when its request has ended.</summary>
internal enum IdempotencyEnd
{
    /// <summary>The same answer, whoever asks again.</summary>
    Keep,

    /// <summary>It cost something, but there is no whole answer to give again.</summary>
    DoNotKeep,

    /// <summary>It failed and cost nothing: the next request with the key is the first.</summary>
    Forget,
}
