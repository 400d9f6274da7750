namespace ComputeShare.Gateway.Nodes;

/// <summary>The one seam that knows where nodes are and how to reach them (DESIGN.md §3, "Node transport").</summary>
internal interface IHosterChannels
{
    /// <returns>Null when no way to the node is known here (any more).</returns>
    ValueTask<NodeWay?> FindWayAsync(string nodeId);
}
