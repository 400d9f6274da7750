using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.Tests.Streaming;

[Trait("Wire", "29")]
public sealed class FinishReasonsTests
{
    private static readonly string[] OpenAIs = ["stop", "length", "tool_calls", "content_filter", "function_call"];

    [Fact]
    public void Reason_OfAnyNode_IsOneOfOpenAIsOrNone()
    {
        foreach (var reason in Enum.GetValues<FinishReason>().Append((FinishReason)99))
        {
            var said = FinishReasons.From(reason);

            Assert.True(said is null || OpenAIs.Contains(said), said);
        }

        Assert.Null(FinishReasons.From(FinishReason.Unspecified));
    }
}
