using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Watching;
using Grpc.Core;

namespace ComputeShare.HosterNode.Streaming;

/// <summary>The node's side of inference.proto.</summary>
internal sealed class InferenceGrpcService(Generator generator, Watcher watcher) : Inference.InferenceBase
{
    public override Task Generate(GenerateRequest request, IServerStreamWriter<Frame> responseStream, ServerCallContext context) =>
        generator.RunAsync(request, responseStream, context.CancellationToken);

    public override Task Watch(WatchRequest request, IServerStreamWriter<NodeState> responseStream, ServerCallContext context) =>
        watcher.RunAsync(request, responseStream, context.CancellationToken);
}
