namespace ComputeShare.Scheduler.Affinity;

/// <summary>A node that was given a prompt with the same beginning lately, and so may have it in its cache.</summary>
/// <param name="Share">The part of the prompt that is the same, 0 to 1.</param>
internal readonly record struct PrefixHolder(string NodeId, double Share);
