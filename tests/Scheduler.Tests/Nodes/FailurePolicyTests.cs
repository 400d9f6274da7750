using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Tests.Nodes;

public sealed class FailurePolicyTests
{
    [Theory]
    [InlineData(AttemptResult.Succeeded, "completed", "Serves")]
    [InlineData(AttemptResult.Succeeded, "credit_ended", "Serves")]
    [InlineData(AttemptResult.NodeFailed, "node_lost", "Fails")]
    [InlineData(AttemptResult.NodeFailed, "node_malformed", "Fails")]
    [InlineData(AttemptResult.NodeFailed, "of_a_later_version", "Fails")]
    [InlineData(AttemptResult.NodeFailed, "first_token_deadline", "IsHalfDead")]
    [InlineData(AttemptResult.NodeFailed, "between_tokens_deadline", "IsHalfDead")]
    [InlineData(AttemptResult.Blameless, "client_left", "Nothing")]
    [InlineData(AttemptResult.Blameless, "client_too_slow", "Nothing")]
    [InlineData(AttemptResult.Blameless, "context_overflow", "Nothing")]
    [InlineData(AttemptResult.Blameless, "total_deadline", "Nothing")]
    [InlineData(AttemptResult.SlotsFull, "slots_full", "Nothing")]
    [InlineData(AttemptResult.Unspecified, "", "Nothing")]
    public void Of_AnEnd_IsWhatItMeansForTheNode(AttemptResult result, string outcome, string verdict) =>
        Assert.Equal(verdict, FailurePolicy.Of(new AttemptReport { Result = result, Outcome = outcome }).ToString());

    [Fact]
    public void Of_NoReport_IsNothing() => Assert.Equal(FailureVerdict.Nothing, FailurePolicy.Of(null));
}
