namespace ComputeShare.HosterNode.Tunnels;

/// <summary>A gateway says that it is about to go: the node sees to it that it is reached without it, before that happens.</summary>
internal sealed class LeaveNotices(TunnelRoster roster, TimeProvider clock, ILogger<LeaveNotices> log)
{
    // Long enough for a dial or two; the gateway does not wait for ever either.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <param name="tunnel">Null: the node is called directly, and every gateway has its address.</param>
    /// <returns>Another gateway watches the node now.</returns>
    public async Task<bool> TakeAsync(NodeTunnel? tunnel, CancellationToken cancellationToken)
    {
        if (tunnel is null)
        {
            return false;
        }

        tunnel.Leave();
        var elsewhere = await roster.IsWatchedWithinAsync(Patience, clock, cancellationToken);
        TunnelLog.GatewayLeaves(log, tunnel.Gateway, elsewhere);
        return elsewhere;
    }
}
