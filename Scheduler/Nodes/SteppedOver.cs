namespace ComputeShare.Scheduler.Nodes;

/// <summary>A node without room that stood in a decision's way.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Orders">The order that the decision walked.</param>
internal readonly record struct SteppedOver(string NodeId, OfferOrders Orders);
