namespace ComputeShare.Gateway.Hosters;

internal static class SuccessRate
{
    private const decimal Steps = 10_000;

    /// <summary>Four decimals, never rounded up: what is told as 1 was without a failure. Null: nothing happened.</summary>
    /// <param name="requests">Settled ones.</param>
    /// <param name="failures">Those of them that the node failed after content.</param>
    /// <param name="failedAttempts">Attempts that the node failed before any.</param>
    public static decimal? Of(long requests, long failures, long failedAttempts) => requests + failedAttempts > 0
        ? decimal.Floor((requests - failures) * Steps / (requests + failedAttempts)) / Steps
        : null;
}
