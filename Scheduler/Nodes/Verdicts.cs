namespace ComputeShare.Scheduler.Nodes;

/// <summary>What Billing has against a node: verdicts in a row since the last one in its favour.</summary>
/// <param name="Counts">On its own token counts.</param>
/// <param name="Probes">On what probes showed of it.</param>
internal readonly record struct Verdicts(uint Counts, uint Probes);
