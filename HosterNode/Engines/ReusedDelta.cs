using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines;

internal static class ReusedDelta
{
    /// <summary>Begins another delta in the same object. Not for vectors.</summary>
    public static void Begin(this Delta delta, uint choice, uint position)
    {
        (delta.ChoiceIndex, delta.Position, delta.Text, delta.Reasoning, delta.TokenCount) = (choice, position, "", "", 0);
        delta.TokenIds.Clear();
        delta.Logprobs.Clear();
        delta.ToolCalls.Clear();
    }
}
