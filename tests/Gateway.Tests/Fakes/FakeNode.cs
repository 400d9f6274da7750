using System.Collections.Concurrent;
using ComputeShare.Contracts.Inference;
using Grpc.Core;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>Yields what its script writes; the default is three words.</summary>
internal sealed class FakeNode : Inference.InferenceBase
{
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TaskCompletionSource _watching = NewSignal();

    public delegate Task Script(GenerateRequest request, IServerStreamWriter<Frame> frames, CancellationToken cancellationToken);

    public Script OnGenerate { get; set; } = (_, frames, _) => Says(frames, "One", " two", " three");

    public ConcurrentQueue<GenerateRequest> Requests { get; } = [];

    public ConcurrentQueue<WatchRequest> Watches { get; } = [];

    public string Incarnation { get; init; } = "first";

    /// <summary>Between two states.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What it says of itself beyond the ordinary.</summary>
    public Action<NodeState> OnState { get; init; } = _ => { };

    /// <summary>Ends the watch that is held, as a node does that is drained.</summary>
    public void EndWatch() => Interlocked.Exchange(ref _watching, NewSignal()).TrySetResult();

    /// <summary>Completes when a call was cancelled by the gateway.</summary>
    public Task Cancelled => _cancelled.Task;

    public static async Task Says(IServerStreamWriter<Frame> frames, params string[] words)
    {
        await frames.WriteAsync(new Frame { Started = new Started { Fingerprint = "fake" } });
        await Tokens(frames, words);
        await Ends(frames, (uint)words.Length);
    }

    public static async Task Tokens(IServerStreamWriter<Frame> frames, params string[] words)
    {
        foreach (var word in words)
        {
            await frames.WriteAsync(Token(word));
        }
    }

    public static Frame Token(string text, uint choice = 0) => new() { Delta = new Delta { ChoiceIndex = choice, Text = text, TokenCount = 1 } };

    public static Task Ends(IServerStreamWriter<Frame> frames, uint tokens, FinishReason reason = FinishReason.Stop) => frames.WriteAsync(new Frame
    {
        Finished = new Finished { FinishReasons = { reason }, Usage = new EngineUsage { PromptTokens = 7, CachedTokens = 2, CompletionTokens = tokens } },
    });

    public static Task Fails(IServerStreamWriter<Frame> frames, FailureKind kind, bool retryable = true) =>
        frames.WriteAsync(new Frame { Failed = new Failed { Kind = kind, Fault = Fault.Node, Retryable = retryable, Message = "/home/owner/secret" } });

    public override async Task Generate(GenerateRequest request, IServerStreamWriter<Frame> responseStream, ServerCallContext context)
    {
        Requests.Enqueue(request);
        try
        {
            await OnGenerate(request, responseStream, context.CancellationToken);
        }
        finally
        {
            if (context.CancellationToken.IsCancellationRequested)
            {
                _cancelled.TrySetResult();
            }
        }
    }

    /// <summary>Speaks as often as a node does: one that is silent is gone.</summary>
    public override async Task Watch(WatchRequest request, IServerStreamWriter<NodeState> responseStream, ServerCallContext context)
    {
        Watches.Enqueue(request);
        var ended = _watching.Task;
        for (ulong sequence = 1; !ended.IsCompleted && !context.CancellationToken.IsCancellationRequested; sequence++)
        {
            var state = new NodeState
            {
                Incarnation = Incarnation,
                Sequence = sequence,
                Slots = 4,
                Models = { new ServedModel { LocalName = "tiny", Capabilities = { "chat" }, Prices = new Prices { Input = 50_000_000, Output = 200_000_000 } } },
            };
            OnState(state);
            await responseStream.WriteAsync(state);
            await ended.WaitAsync(Heartbeat, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
