using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>What an attempt means for its node.</summary>
internal enum FailureVerdict
{
    /// <summary>Nothing: the caller left, or did wrong, or read too slowly; we were away; the node was full.</summary>
    Nothing,

    /// <summary>It served: its failures are forgiven, when no cool-down of one of them runs.</summary>
    Serves,

    /// <summary>It failed at once: lost, broken, malformed. Cools for <see cref="CoolDownOptions.First"/>, doubling.</summary>
    Fails,

    /// <summary>It took a request and let it hang until a deadline. Cools for <see cref="CoolDownOptions.FirstHalfDead"/>, doubling.</summary>
    IsHalfDead,
}

/// <summary>
/// From how an attempt ended to what it costs its node. Whose fault an end is, the gateway's <c>CompletionOutcome</c> says; how bad a fault
/// is, its name. A fault of a name that is not known here is an ordinary one.
/// </summary>
internal static class FailurePolicy
{
    public static FailureVerdict Of(AttemptReport? report) => report?.Result switch
    {
        AttemptResult.Succeeded => FailureVerdict.Serves,
        AttemptResult.NodeFailed when report.Outcome is "first_token_deadline" or "between_tokens_deadline" => FailureVerdict.IsHalfDead,
        AttemptResult.NodeFailed => FailureVerdict.Fails,
        _ => FailureVerdict.Nothing,
    };
}
