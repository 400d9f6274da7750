using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Tunnels;
using ComputeShare.HosterNode.Watching;
using Grpc.Core;

namespace ComputeShare.HosterNode.Streaming;

/// <summary>The node's side of inference.proto.</summary>
internal sealed class InferenceGrpcService(Generator generator, Watcher watcher, LeaveNotices leaveNotices) : Inference.InferenceBase
{
    public override Task Generate(GenerateRequest request, IServerStreamWriter<Frame> responseStream, ServerCallContext context) =>
        generator.RunAsync(request, responseStream, context.CancellationToken);

    public override async Task Watch(WatchRequest request, IServerStreamWriter<NodeState> responseStream, ServerCallContext context)
    {
        using var watched = Tunnel(context)?.Watch();
        await watcher.RunAsync(request, responseStream, context.CancellationToken);
    }

    public override async Task<LeaveReply> Leave(LeaveRequest request, ServerCallContext context) =>
        new() { ReachedElsewhere = await leaveNotices.TakeAsync(Tunnel(context), context.CancellationToken) };

    /// <returns>Null: the call came in on the internal port.</returns>
    private static NodeTunnel? Tunnel(ServerCallContext context) => context.GetHttpContext().Features.Get<NodeTunnel>();
}
