using BenchmarkDotNet.Attributes;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.Streaming;
using ComputeShare.Gateway.Streaming.Frames;
using ComputeShare.Gateway.Tests.Fuzzing;
using ComputeShare.ServiceDefaults.Faults;
using ComputeShare.Tokenizing;
using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.Tokenizing.Gguf;

namespace ComputeShare.MicroBenchmarks;

/// <summary>
/// The gateway's whole token path, from a node's bytes to a client's: read, cut, counted, covered by a hold, written. Network and server are
/// left out; one request's own cost is spread over its thousand tokens.
/// </summary>
public class TokenBenchmarks : IDisposable
{
    private const int Tokens = 1000;

    private static readonly StreamingOptions Deadlines = new();

    private readonly NodeAnswer _node = new(Tokens);
    private readonly InstantBilling _billing = new();
    private readonly TextTokenizer _tokenizer =
        BpeTokenizer.Read(GgufFile.ReadMetadata(Path.Combine(new MeteringOptions().TokenizerPath, "computeshare-tiny.gguf")));

    [Benchmark(OperationsPerInvoke = Tokens)]
    public async Task Relay()
    {
        using var response = new MemoryResponse(keeps: false);
        var account = InstantBilling.Account(uint.MaxValue);
        var request = new CompletionRequest
        {
            Operation = Operation.Chat,
            Models = ["auto"],
            WorkBody = default,
            Prompt = PromptText.OfMessages(["?"], 1),
            Stream = true,
            Stop = [],
            Choices = 1,
        };
        var context = new CompletionContext(response.NewContext(), new Caller("", account), request, TimeProvider.System) { Meter = new ModelMeter(_tokenizer, 0, 0) };
        context.Hold = _billing.NewHold(context.Id.Value, account, new HoldSizes(2 * Tokens, 512, null));
        await context.Hold.PlaceAsync("price", 1);
        await using var answer = new SseAnswer(context, Deadlines, TimeProvider.System);
        await using var reader = new NodeStreamReader(
            stop => new GenerateCall(_node.Way, new GenerateRequest(), stop), Deadlines, TimeProvider.System, context.Arrived, CancellationToken.None);
        var outcome = await new TokenRelay(context, answer, reader, FaultPoints.None, TimeProvider.System).RunAsync(CancellationToken.None);
        if (outcome != CompletionOutcome.Completed)
        {
            throw new InvalidOperationException(outcome.Name);
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _billing.Dispose();
        _node.Dispose();
        GC.SuppressFinalize(this);
    }
}
