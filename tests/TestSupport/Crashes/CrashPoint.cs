namespace ComputeShare.TestSupport.Crashes;

/// <summary>Who is killed, and at which step of a request.</summary>
/// <param name="Point">A fault point of the victim's own; of PostgreSQL's, the point at which another process waits meanwhile.</param>
internal sealed record CrashPoint(CrashVictim Victim, string Point)
{
    /// <summary>Every victim at every step; the victims take turns, so that one recovers while the next dies.</summary>
    public static IReadOnlyList<CrashPoint> All { get; } = [.. TakingTurns(
    [
        .. Of(
            CrashVictim.Gateway,
            "gateway.admitted",
            "gateway.leased",
            "gateway.dispatched",
            "gateway.held",
            "gateway.first-token",
            "gateway.token",
            "gateway.finished",
            "gateway.settled"),
        .. Of(CrashVictim.Scheduler, "scheduler.reserve.before-lease", "scheduler.reserve.after-lease", "scheduler.release"),
        .. Of(CrashVictim.Node, "node.generate.started", "node.generate.token", "node.generate.finished"),
        .. Of(
            CrashVictim.Billing,
            "billing.hold.before-commit",
            "billing.hold.after-commit",
            "billing.checkpoint.before-commit",
            "billing.settle.before-commit",
            "billing.settle.after-commit"),
        .. Of(
            CrashVictim.Postgres,
            "gateway.admitted",
            "billing.hold.before-commit",
            "billing.hold.after-commit",
            "gateway.token",
            "billing.checkpoint.before-commit",
            "billing.settle.before-commit",
            "billing.settle.after-commit"),
    ])];

    public override string ToString() => $"{Victim} at {Point}";

    private static IEnumerable<CrashPoint> Of(CrashVictim victim, params string[] points) => points.Select(point => new CrashPoint(victim, point));

    private static IEnumerable<CrashPoint> TakingTurns(CrashPoint[] points) => points
        .GroupBy(point => point.Victim)
        .SelectMany(ofOne => ofOne.Index())
        .OrderBy(point => point.Index)
        .Select(point => point.Item);
}
