namespace ComputeShare.Gateway.Metering;

/// <summary>What a node says that it generated, beside what was counted of it.</summary>
/// <param name="Counted">Ours.</param>
/// <param name="Reported">The node's: the larger of what its frames and its usage say.</param>
internal readonly record struct CountClaim(uint Counted, uint Reported)
{
    /// <param name="counted">Tokens of the whole answer.</param>
    /// <param name="reported">What the node says of it.</param>
    /// <param name="ends">
    /// Choices that the model ended itself: some engines count the end's token too, which has no text. So many too many are no lie.
    /// </param>
    public static CountClaim Of(uint counted, uint reported, uint ends) =>
        new(counted, reported > counted ? reported - Math.Min(ends, reported - counted) : reported);
}
