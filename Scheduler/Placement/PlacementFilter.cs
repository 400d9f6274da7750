using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>One reason for which a node may not serve a request.</summary>
/// <param name="Name">As explanations count it.</param>
/// <param name="Admits">Whether the offer passes.</param>
internal sealed record PlacementFilter(string Name, Func<PlacementQuestion, NodeOffer, bool> Admits);
