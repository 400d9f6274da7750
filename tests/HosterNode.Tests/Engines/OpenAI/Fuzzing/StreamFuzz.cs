using System.Text;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Engines.OpenAI.Profiles;
using ComputeShare.HosterNode.Engines.OpenAI.Requests;
using ComputeShare.HosterNode.Engines.OpenAI.Streaming;
using ComputeShare.TestSupport.Fuzzing;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Fuzzing;

/// <summary>
/// One hostile stream after the other through the node's reader, cut into pieces anywhere. Whatever comes, the reader ends, with a reason or with an
/// <see cref="EngineException"/>, and what it has handed on until then is what a gateway may rely on.
/// </summary>
internal sealed class StreamFuzz
{
    private static readonly FuzzCases Cases = new("Stream");

    private const int MaxTokens = 16;

    private readonly EngineWork _work;

    public StreamFuzz()
    {
        var request = new GenerateRequest { Model = "m", Slots = 1, MaxTokens = MaxTokens, Chat = new ChatWork { Body = ByteString.CopyFromUtf8("""{"messages":[],"logprobs":true}""") } };
        _work = EngineWork.Read(request, new EngineModel("m", "", "", 4096, [], ""), new EngineDialect(new PlainProfile(), ""));
    }

    /// <summary>How many streams ended with a reason, and how many with a failure.</summary>
    public (long Finished, long Failed) Ends { get; private set; }

    /// <summary>Runs one case.</summary>
    /// <exception cref="BrokenCaseException">The reader did what it must not; the message has the case's number.</exception>
    public Task RunAsync(int number) => Cases.RunAsync(number, RunCaseAsync);

    private async Task RunCaseAsync(int number)
    {
        var random = new Random(number);
        var bytes = new HostileStream(random).Next();
        var deltas = new List<Delta>();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var stream = new ChoiceStream(null!, _work, choice: 0, null!);
            await foreach (var frame in stream.ReadAsync(new CutStream(bytes, random), CancellationToken.None))
            {
                deltas.Add(frame.Delta.Clone());
            }

            Cases.Require(stream.Reason is FinishReason.Stop or FinishReason.Length or FinishReason.ToolCalls or FinishReason.ContentFilter, number, "a reason");
            Ends = (Ends.Finished + 1, Ends.Failed);
        }
        catch (EngineException error)
        {
            Cases.Require(error.Message.Length is > 0 and < 200, number, "a failure in few words");
            Ends = (Ends.Finished, Ends.Failed + 1);
        }

        Cases.RequireMemory(allocated, bytes.Length, number);
        Check(number, deltas);
    }

    private static void Check(int number, List<Delta> deltas)
    {
        long tokens = 0;
        var calls = 0;
        foreach (var delta in deltas)
        {
            Cases.Require(delta.Position == tokens, number, "a position after the tokens before it");
            Cases.Require(delta.TokenIds.Count == 0 || delta.TokenIds.Count == delta.TokenCount, number, "ids of all tokens or none");
            Cases.Require(IsWhole(delta.Text) && IsWhole(delta.Reasoning), number, "whole characters");
            Cases.Require(delta.Embedding.Count == 0 && delta.ChoiceIndex == 0, number, "its own choice");
            foreach (var call in delta.ToolCalls)
            {
                Cases.Require(call.Index <= calls, number, "calls in order");
                Cases.Require(call.Index < calls || call.Name.Length > 0, number, "a call that begins with its name");
                calls = Math.Max(calls, (int)call.Index + 1);
            }

            // What a gateway gets must be writable.
            Cases.Require(delta.CalculateSize() < 4 << 20, number, "a frame that fits");
            tokens += delta.TokenCount;
        }
    }

    private static bool IsWhole(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune;
        }

        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;
    }

    /// <summary>Gives its bytes in pieces of any length.</summary>
    private sealed class CutStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + random.Next(64))], cancellationToken);
    }
}
