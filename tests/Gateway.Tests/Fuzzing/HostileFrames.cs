using ComputeShare.Contracts.Inference;
using Google.Protobuf;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>The messages of one call as a node might answer that is broken, or means harm: in order mostly, and wrong somewhere.</summary>
internal sealed class HostileFrames(Random random)
{
    private static readonly string[] Texts = ["", "a", " ki", "é", "🎉", "\0", "\"", "\n\n", "data: [DONE]\n\n", "END", "EN", "E", "\ufeff", "\u2028", "<|end|>", "{\"a\":"];
    private static readonly uint[] Sizes = [0, 1, 2, 7, 1000, int.MaxValue, uint.MaxValue];
    private static readonly float[] Floats = [0, -0.5f, 1, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, -9999];

    // Of one call in three nothing is wrong, of another little, of the last much.
    private readonly int _malice = random.Next(3);
    private readonly int _dimensions = random.Next(1, 9);
    private uint _calls;

    /// <param name="choices">How many were asked for.</param>
    /// <param name="inputs">Vectors that were asked for; 0: text was.</param>
    public IReadOnlyList<byte[]> Next(uint choices, int inputs)
    {
        var frames = new List<Frame>();
        if (!Wrong(20))
        {
            frames.Add(new Frame { Started = new Started { Fingerprint = Text() } });
        }

        var deltas = inputs > 0 && !Wrong(10) ? inputs : random.Next(16);
        for (var index = 0; index < deltas; index++)
        {
            frames.Add(Wrong(3) ? Other() : new Frame { Delta = inputs > 0 ? Vector((uint)index) : Delta(choices) });
        }

        if (!Wrong(10))
        {
            frames.Add(Chance(85) ? new Frame { Finished = Finished(inputs > 0 ? 0 : choices) } : new Frame { Failed = Failed() });
        }

        if (Wrong(5))
        {
            frames.Add(Chance(50) ? Other() : new Frame { Delta = Delta(choices) });
        }

        return [.. frames.Select(frame => Mutate(frame.ToByteArray()))];
    }

    /// <summary>Whether the call breaks after them.</summary>
    public bool Breaks() => Wrong(20);

    private Delta Delta(uint choices)
    {
        var delta = new Delta
        {
            ChoiceIndex = Wrong(3) ? Size() : (uint)random.Next((int)choices),
            Position = Wrong(10) ? Size() : 0,
            Text = Chance(80) ? Text() : "",
            Reasoning = Chance(20) ? Text() : "",
            TokenCount = Wrong(10) ? Size() : 1,
        };
        if (Chance(20))
        {
            delta.TokenIds.Add(Enumerable.Range(0, Wrong(10) ? 50 : 1).Select(_ => Size()));
        }

        if (Chance(30))
        {
            delta.Logprobs.Add(Enumerable.Range(0, Wrong(10) ? random.Next(50) : 1).Select(_ => Logprob(depth: 0)));
        }

        if (Chance(10))
        {
            delta.ToolCalls.Add(Enumerable.Range(0, random.Next(3)).Select(_ => Call()));
        }

        if (Wrong(3))
        {
            delta.Embedding.Add(Floats);
        }

        return delta;
    }

    private ToolCallDelta Call()
    {
        var begins = _calls == 0 || Chance(30);
        var index = begins ? _calls++ : (uint)random.Next((int)_calls);
        return new ToolCallDelta
        {
            Index = Wrong(10) ? Size() : index,
            Id = Chance(50) ? "call_1" : Text(),
            Name = Wrong(10) ? Text() : begins ? "look" : "",
            Arguments = Text(),
        };
    }

    private TokenLogprob Logprob(int depth)
    {
        var logprob = new TokenLogprob { Token = Text(), Logprob = Wrong(20) ? Floats[random.Next(Floats.Length)] : -1, TokenBytes = ByteString.CopyFromUtf8(Text()) };
        if (depth < (Wrong(5) ? 5 : 1))
        {
            logprob.Top.Add(Enumerable.Range(0, random.Next(3)).Select(_ => Logprob(depth + 1)));
        }

        return logprob;
    }

    private Delta Vector(uint index)
    {
        var vector = new Delta { ChoiceIndex = Wrong(5) ? Size() : index };
        vector.Embedding.Add(Enumerable.Range(0, Wrong(5) ? random.Next(20) : _dimensions).Select(_ => Wrong(5) ? Floats[random.Next(Floats.Length)] : 0.5f));
        return vector;
    }

    private Finished Finished(uint choices)
    {
        var finished = new Finished { QueueMs = Size(), PrefillMs = Size(), DecodeMs = Size() };
        finished.FinishReasons.Add(Enumerable.Range(0, Wrong(10) ? random.Next(12) : (int)choices).Select(_ => Wrong(10) ? (FinishReason)random.Next(-2, 99) : (FinishReason)random.Next(1, 5)));
        if (Chance(80))
        {
            finished.Usage = new EngineUsage { PromptTokens = Size(), CachedTokens = Size(), CompletionTokens = Size(), ReasoningTokens = Size() };
        }

        return finished;
    }

    private Failed Failed() => new()
    {
        Kind = (FailureKind)random.Next(-1, 12),
        Fault = (Fault)random.Next(-1, 6),
        Retryable = Chance(50),
        Message = HostileJson.Marker,
        Param = Chance(50) ? "messages" : Chance(50) ? "top_k" : HostileJson.Marker,
    };

    private Frame Other() => random.Next(4) switch
    {
        0 => new Frame(),
        1 => new Frame { Started = new Started() },
        2 => new Frame { Failed = Failed() },
        _ => new Frame { Finished = Finished(1) },
    };

    private string Text() => string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => Texts[random.Next(Texts.Length)]));

    private uint Size() => Chance(50) ? (uint)random.Next(20) : Sizes[random.Next(Sizes.Length)];

    private byte[] Mutate(byte[] bytes)
    {
        if (!Wrong(3) || bytes.Length == 0)
        {
            return bytes;
        }

        var at = random.Next(bytes.Length);
        return random.Next(4) switch
        {
            0 => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
            1 => bytes[..at],
            2 => [.. bytes[..at], 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, .. bytes[at..]],
            _ => [.. bytes, .. bytes[at..]],
        };
    }

    private bool Wrong(int percent) => random.Next(200) < percent * _malice;

    private bool Chance(int percent) => random.Next(100) < percent;
}
