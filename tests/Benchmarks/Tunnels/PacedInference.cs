using ComputeShare.Contracts.Inference;
using Grpc.Core;

namespace ComputeShare.Benchmarks.Tunnels;

/// <summary>Yields tokens at an even pace and computes nothing, so that what is measured is the way to the gateway.</summary>
internal sealed class PacedInference : Inference.InferenceBase
{
    public const int TokensPerSecond = 200;

    /// <summary>Ends after <c>max_tokens</c>.</summary>
    public override async Task Generate(GenerateRequest request, IServerStreamWriter<Frame> responseStream, ServerCallContext context)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TokensPerSecond), TimeProvider.System);
        var frame = new Frame { Delta = new Delta { Text = " token", TokenCount = 1 } };
        for (uint token = 0; token < request.MaxTokens; token++)
        {
            // The first one at once: it is what the time to the first token is measured by.
            if (token > 0 && !await pace.WaitForNextTickAsync(context.CancellationToken))
            {
                break;
            }

            frame.Delta.Position = token;
            await responseStream.WriteAsync(frame, context.CancellationToken);
        }
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<NodeState> responseStream, ServerCallContext context)
    {
        await responseStream.WriteAsync(new NodeState());
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
