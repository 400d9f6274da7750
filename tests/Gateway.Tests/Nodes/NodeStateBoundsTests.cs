using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Tests.Nodes;

public sealed class NodeStateBoundsTests
{
    private static readonly Dictionary<string, Action<NodeState>> Excesses = new(StringComparer.Ordinal)
    {
        ["bytes"] = state => Repeat(200, () => state.Models.Add(Large())),
        ["no incarnation"] = state => state.Incarnation = "",
        ["characters of incarnation"] = state => state.Incarnation = Text(65),
        ["models"] = state => Repeat(256, () => state.Models.Add(new ServedModel { LocalName = "tiny" })),
        ["characters of local_name"] = state => state.Models[0].LocalName = Text(513),
        ["characters of digest"] = state => state.Models[0].Digest = Text(257),
        ["characters of quantization"] = state => state.Models[0].Quantization = Text(257),
        ["characters of fingerprint"] = state => state.Models[0].Fingerprint = Text(257),
        ["capabilities of a model"] = state => Repeat(65, () => state.Models[0].Capabilities.Add("chat")),
        ["characters of a capability"] = state => state.Models[0].Capabilities.Add(Text(65)),
        ["later_prices of a model"] = state => Repeat(65, () => state.Models[0].LaterPrices.Add(new LaterPrices { From = 1 })),
        ["running_lease_ids"] = state => Repeat(4097, () => state.RunningLeaseIds.Add("lease")),
        ["characters of a lease id"] = state => state.RunningLeaseIds.Add(Text(65)),
        ["characters of engine"] = state => state.Engine = Text(257),
        ["characters of engine_version"] = state => state.EngineVersion = Text(257),
        ["characters of node_version"] = state => state.NodeVersion = Text(257),
        ["gpus"] = state => Repeat(65, () => state.Gpus.Add(new Gpu())),
        ["characters of a GPU's name"] = state => state.Gpus.Add(new Gpu { Name = Text(257) }),
        ["characters of driver"] = state => state.Gpus.Add(new Gpu { Driver = Text(257) }),
        ["characters of compute_capability"] = state => state.Gpus.Add(new Gpu { ComputeCapability = Text(257) }),
        ["power_watts is no number"] = state => state.Gpus.Add(new Gpu { PowerWatts = float.NaN }),
        ["ttft_ms is no number"] = state => state.Models[0].Speed.TtftMs = float.PositiveInfinity,
        ["tokens_per_second is no number"] = state => state.Models[0].Speed.TokensPerSecond = float.NaN,
    };

    public static TheoryData<string> Named => [.. Excesses.Keys];

    [Theory]
    [MemberData(nameof(Named))]
    public void Apply_MoreThanAnHonestNodeSends_IsRefusedByName(string what)
    {
        var state = Honest();
        Excesses[what](state);

        var refused = Assert.Throws<RequestRefusedException>(() => NodeStateBounds.Apply(state));

        Assert.Equal("node_not_acceptable", refused.Error.Code);
        Assert.EndsWith($" {what}.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_LargeHonestNode_IsAsItWas()
    {
        var state = Honest();
        Repeat(1024, () => state.RunningLeaseIds.Add(Text(37)));
        Repeat(8, () => state.Gpus.Add(new Gpu { Name = "NVIDIA H200", Driver = "570.86.15", ComputeCapability = "9.0", PowerWatts = 700 }));
        Repeat(255, () => state.Models.Add(new ServedModel { LocalName = Text(200), Digest = Text(71), Capabilities = { "chat", "tools" } }));
        var before = state.Clone();

        NodeStateBounds.Apply(state);

        Assert.Equal(before, state);
    }

    [Theory]
    [InlineData(-1f, -0.5f, 0f, 0f)]
    [InlineData(1e30f, 1e30f, 3_600_000f, 1_000_000f)]
    [InlineData(250f, 1e-30f, 250f, 0f)]
    public void Apply_SpeedsThatNobodyHas_AreBroughtIntoRange(float ttft, float speed, float ttftAfter, float speedAfter)
    {
        var state = Honest();
        state.Models[0].Speed = new MeasuredSpeed { TtftMs = ttft, TokensPerSecond = speed };

        NodeStateBounds.Apply(state);

        Assert.Equal((ttftAfter, speedAfter), (state.Models[0].Speed.TtftMs, state.Models[0].Speed.TokensPerSecond));
    }

    private static NodeState Honest() => new()
    {
        NodeId = "gpu-1",
        Incarnation = Text(32),
        Sequence = 7,
        Slots = 4,
        Engine = "vllm",
        Models = { new ServedModel { LocalName = "tiny", Capabilities = { "chat" }, Speed = new MeasuredSpeed { TtftMs = 180, TokensPerSecond = 50 } } },
    };

    // Within every other bound.
    private static ServedModel Large()
    {
        var model = new ServedModel { LocalName = Text(512), Digest = Text(256), Quantization = Text(256), Fingerprint = Text(256) };
        Repeat(64, () => model.Capabilities.Add(Text(64)));
        return model;
    }

    private static string Text(int length) => new('a', length);

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }
}
