using ComputeShare.Contracts.Inference;
using Google.Protobuf;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>What a node might say of itself that is broken, or means harm: a state in order mostly, too much of something, or bytes that are wrong.</summary>
internal sealed class HostileState(Random random)
{
    private static readonly string[] Words = ["chat", "computeshare/tiny", "Q4_K_M", "sha256:00", "é", "🎉", "\0", "\n", "\u2028", "../../x", "a b"];
    private static readonly int[] Lengths = [0, 1, 63, 64, 65, 256, 257, 512, 513, 5000];
    private static readonly int[] Counts = [0, 1, 2, 64, 65, 256, 257, 1025];
    private static readonly float[] Floats = [0, 1, -1, 1e-9f, 30, 1e30f, float.MaxValue, float.NaN, float.PositiveInfinity, float.NegativeInfinity];
    private static readonly ulong[] Numbers = [0, 1, 4, 1024, 1025, int.MaxValue, uint.MaxValue, ulong.MaxValue];

    // Of one state in two nothing is wrong.
    private readonly bool _isMalicious = random.Next(2) == 0;

    public byte[] Next()
    {
        var state = new NodeState
        {
            NodeId = Text(),
            Incarnation = Wrong() ? Text() : "incarnation",
            Sequence = Number(),
            Slots = Wrong() ? (uint)Number() : 4,
            Draining = random.Next(2) == 0,
            Engine = Text(),
            EngineVersion = Text(),
            NodeVersion = Text(),
            Limits = new NodeLimits { MaxPromptTokens = (uint)Number(), MaxBodyBytes = (uint)Number() },
        };
        state.Models.Add(Repeat(() => new ServedModel
        {
            LocalName = Text(),
            Digest = Text(),
            Quantization = Text(),
            Fingerprint = Text(),
            ContextLength = (uint)Number(),
            Slots = Wrong() ? (uint)Number() : 0,
            Prices = new Prices { Input = (long)Number(), Output = (long)Number() },
            Speed = new MeasuredSpeed { TtftMs = Float(), TokensPerSecond = Float() },
            Capabilities = { Repeat(Text, 3) },
            LaterPrices = { Repeat(() => new LaterPrices { From = (long)Number() }, 1) },
        }, 2));
        state.RunningLeaseIds.Add(Repeat(Text, 2));
        state.Gpus.Add(Repeat(() => new Gpu { Name = Text(), Driver = Text(), ComputeCapability = Text(), MemoryBytes = Number(), PowerWatts = Float() }, 1));
        return Mutate(state.ToByteArray());
    }

    private byte[] Mutate(byte[] bytes)
    {
        for (var change = _isMalicious ? random.Next(4) : 0; change > 0 && bytes.Length > 0; change--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private T[] Repeat<T>(Func<T> make, int usually) =>
        [.. Enumerable.Range(0, Wrong() ? Counts[random.Next(Counts.Length)] : usually).Select(_ => make())];

    private string Text() => Wrong() ? new string((char)random.Next(32, 0x2000), Lengths[random.Next(Lengths.Length)]) : Words[random.Next(Words.Length)];

    private ulong Number() => Wrong() ? Numbers[random.Next(Numbers.Length)] : (ulong)random.Next(1000);

    private float Float() => Wrong() ? Floats[random.Next(Floats.Length)] : random.NextSingle() * 100;

    private bool Wrong() => _isMalicious && random.Next(12) == 0;
}
