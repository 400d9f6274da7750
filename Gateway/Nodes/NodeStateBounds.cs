using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Nodes;

/// <summary>
/// What a node may say of itself. A state goes on to Billing, to the Schedulers and to Redis: one that is larger than any honest node's
/// ends the watch before that.
/// </summary>
internal static class NodeStateBounds
{
    // 256 models and a thousand leases of an honest node take a quarter of it. With the names and prices that Billing adds, the report stays
    // well below the 4 MiB that a message to a Scheduler may have.
    private const int MostBytes = 1024 * 1024;

    private const int MostModels = 256;

    // Some engines call a model by the path of its file.
    private const int MostLocalNameLength = 512;

    // A digest has 71 characters; names of GPUs and versions are shorter.
    private const int MostTextLength = 256;

    // The contract names about twenty.
    private const int MostCapabilities = 64;
    private const int MostCapabilityLength = 64;

    // Billing takes fewer, and says so in words of its own.
    private const int MostLaterPrices = 64;

    private const int MostGpus = 64;

    // As Node:Slots.
    private const int MostSlots = 1024;

    // A node's id of one has 34 to 37 characters.
    private const int MostLeases = MostSlots;
    private const int MostLeaseIdLength = 64;

    // Claims beyond these are nobody's: they would win every order, or last longer than a TimeSpan can tell.
    private const float FastestTokensPerSecond = 1_000_000;
    private const float SlowestTokensPerSecond = 0.001f;
    private const float LongestTtftMs = 3_600_000;

    /// <summary>Refuses a state that is out of bounds, and brings what it says of speeds into the range that is believed.</summary>
    /// <exception cref="RequestRefusedException">It is out of bounds; the message names what is.</exception>
    public static void Apply(NodeState state)
    {
        AtMost(MostBytes, state.CalculateSize(), "bytes");
        AtMost(JoinRequestReader.MostIncarnationLength, state.Incarnation.Length, "characters of incarnation");
        if (state.Incarnation.Length == 0)
        {
            throw new RequestRefusedException(NodeRefusals.OfState("it has no incarnation"));
        }

        AtMost(MostModels, state.Models.Count, "models");
        foreach (var model in state.Models)
        {
            Apply(model);
        }

        AtMost(MostSlots, state.Slots, "slots");
        AtMost(MostLeases, state.RunningLeaseIds.Count, "running_lease_ids");
        foreach (var leaseId in state.RunningLeaseIds)
        {
            AtMost(MostLeaseIdLength, leaseId.Length, "characters of a lease id");
        }

        AtMost(MostTextLength, state.Engine.Length, "characters of engine");
        AtMost(MostTextLength, state.EngineVersion.Length, "characters of engine_version");
        AtMost(MostTextLength, state.NodeVersion.Length, "characters of node_version");
        AtMost(MostGpus, state.Gpus.Count, "gpus");
        foreach (var gpu in state.Gpus)
        {
            AtMost(MostTextLength, gpu.Name.Length, "characters of a GPU's name");
            AtMost(MostTextLength, gpu.Driver.Length, "characters of driver");
            AtMost(MostTextLength, gpu.ComputeCapability.Length, "characters of compute_capability");
            Finite(gpu.PowerWatts, "power_watts");
        }
    }

    private static void Apply(ServedModel model)
    {
        AtMost(MostSlots, model.Slots, "slots of a model");
        AtMost(MostLocalNameLength, model.LocalName.Length, "characters of local_name");
        AtMost(MostTextLength, model.Digest.Length, "characters of digest");
        AtMost(MostTextLength, model.Quantization.Length, "characters of quantization");
        AtMost(MostTextLength, model.Fingerprint.Length, "characters of fingerprint");
        AtMost(MostLaterPrices, model.LaterPrices.Count, "later_prices of a model");
        AtMost(MostCapabilities, model.Capabilities.Count, "capabilities of a model");
        foreach (var capability in model.Capabilities)
        {
            AtMost(MostCapabilityLength, capability.Length, "characters of a capability");
        }

        if (model.Speed is { } speed)
        {
            Finite(speed.TtftMs, "ttft_ms");
            Finite(speed.TokensPerSecond, "tokens_per_second");
            speed.TtftMs = Math.Clamp(speed.TtftMs, 0, LongestTtftMs);
            // Below 0 is what an honest node's average may be after answers of hardly any tokens: not measured.
            speed.TokensPerSecond = speed.TokensPerSecond < SlowestTokensPerSecond ? 0 : Math.Min(speed.TokensPerSecond, FastestTokensPerSecond);
        }
    }

    private static void AtMost(int most, long actual, string what)
    {
        if (actual > most)
        {
            throw new RequestRefusedException(NodeRefusals.OfState($"it may have at most {most} {what}"));
        }
    }

    private static void Finite(float value, string what)
    {
        if (!float.IsFinite(value))
        {
            throw new RequestRefusedException(NodeRefusals.OfState($"its {what} is no number"));
        }
    }
}
