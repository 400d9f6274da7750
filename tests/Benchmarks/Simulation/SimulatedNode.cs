namespace ComputeShare.Benchmarks.Simulation;

/// <summary>What a node really is, which a Scheduler only learns, and what has happened to it so far.</summary>
internal sealed class SimulatedNode(int number, int slots)
{
    private const int ConversationsPerSlot = 8;

    // A ring: engines keep the prefixes that they were given last.
    private readonly int[] _held = [.. Enumerable.Repeat(-1, slots * ConversationsPerSlot)];
    private int _next;

    public int Number => number;

    public string Id { get; } = $"node-{number}";

    public int Slots => slots;

    public required int Model { get; init; }

    /// <summary>Of one stream on an idle node.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Network and queue of the engine; prefill comes on top.</summary>
    public required double LatencySeconds { get; init; }

    public required double PrefillPerSecond { get; init; }

    /// <summary>Nano-dollars per million completion tokens.</summary>
    public required long Price { get; init; }

    public required double FailureRate { get; init; }

    /// <summary>It fails by never answering, until the deadline.</summary>
    public required bool IsHalfDead { get; init; }

    /// <summary>What it says of its own speed is that many times the truth; 0: it says nothing.</summary>
    public required double Boast { get; init; }

    public int Busy { get; set; }

    public bool HasRoom => Busy < slots;

    public double BusySlotSeconds { get; set; }

    public bool Holds(int conversation) => _held.AsSpan().Contains(conversation);

    public void Hold(int conversation)
    {
        if (!Holds(conversation))
        {
            _held[_next] = conversation;
            _next = (_next + 1) % _held.Length;
        }
    }
}
