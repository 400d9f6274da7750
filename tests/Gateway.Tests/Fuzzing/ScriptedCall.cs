using ComputeShare.Contracts.Inference;
using Google.Protobuf;
using Grpc.Core;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>A call that answers with these messages; what is none fails it, as gRPC does. Some of them are not there at once.</summary>
internal sealed class ScriptedCall(IReadOnlyList<byte[]> messages, StatusCode status, Random random) : IAsyncStreamReader<Frame>
{
    private int _next;

    public Frame Current { get; private set; } = new();

    public AsyncServerStreamingCall<Frame> Open() => new(this, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (random.Next(4) == 0)
        {
            await Task.Yield();
        }

        if (_next == messages.Count)
        {
            return status == StatusCode.OK ? false : throw new RpcException(new Status(status, HostileJson.Marker));
        }

        try
        {
            Current = Frame.Parser.ParseFrom(messages[_next++]);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            throw new RpcException(new Status(StatusCode.Internal, HostileJson.Marker));
        }
    }
}
