using ComputeShare.Scheduler.Measuring;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>What is known of a node beside its reports: all snapshots of the node share it, and it changes under them.</summary>
/// <param name="Slots">Taken slots, as last heard.</param>
/// <param name="CoolDown">Failures in a row, as last heard.</param>
/// <param name="Measures">What traffic showed.</param>
internal sealed record NodeMemory(SlotView Slots, CoolDown CoolDown, NodeMeasures Measures);
