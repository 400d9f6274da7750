using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.TestSupport.Fuzzing;
using Google.Protobuf;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>One hostile state of a node after the other: what goes on to Billing and the Schedulers is bounded, and numbers in it can be reckoned with.</summary>
internal sealed class StateFuzz
{
    private const int LongestWord = 100;

    private static readonly FuzzCases Cases = new("State");

    /// <summary>How many would go on, and how many end the watch.</summary>
    public (long Taken, long Refused) Ends { get; private set; }

    /// <summary>Runs one case.</summary>
    /// <exception cref="BrokenCaseException">Something happened that must not; the message has the case's number.</exception>
    public Task RunAsync(int number) => Cases.RunAsync(number, RunCaseAsync);

    private Task RunCaseAsync(int number)
    {
        var bytes = new HostileState(new Random(number)).Next();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var state = NodeState.Parser.ParseFrom(bytes);
            NodeStateBounds.Apply(state);
            RequireBounded(state, number);
            Ends = (Ends.Taken + 1, Ends.Refused);
        }
        catch (InvalidProtocolBufferException)
        {
            // As gRPC's client refuses it.
            Ends = (Ends.Taken, Ends.Refused + 1);
        }
        catch (RequestRefusedException refused)
        {
            Cases.Require(refused.Error.Message.Length < LongestWord, number, "a short sentence");
            Ends = (Ends.Taken, Ends.Refused + 1);
        }

        Cases.RequireMemory(before, bytes.Length, number);
        return Task.CompletedTask;
    }

    private static void RequireBounded(NodeState state, int number)
    {
        Cases.Require(state.CalculateSize() <= 1024 * 1024, number, "within a megabyte");
        Cases.Require(state.Incarnation.Length is > 0 and <= 64, number, "an incarnation");
        Cases.Require(state.Slots <= 1024 && state.Models.Count <= 256 && state.Gpus.Count <= 64, number, "as much as a node has");
        Cases.Require(
            state.Models.All(model => model.Speed is null || (float.IsFinite(model.Speed.TtftMs) && model.Speed.TtftMs >= 0
                && float.IsFinite(model.Speed.TokensPerSecond) && model.Speed.TokensPerSecond is >= 0 and <= 1_000_000)),
            number,
            "a speed");
        Cases.Require(state.Gpus.All(gpu => float.IsFinite(gpu.PowerWatts)), number, "a power");
    }
}
