using System.Collections.Concurrent;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Streaming;
using ComputeShare.ServiceDefaults.Ports;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

/// <summary>To a node that this gateway dials.</summary>
internal sealed class DirectChannel : NodeChannel, IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly Opener _opener;

    private DirectChannel(SocketsHttpHandler handler, JoinedNode node, Opener opener)
    {
        _opener = opener;
        _channel = StreamingChannel.Over(handler, node.Address, disposeHandler: true, StreamingChannel.MaxNodeMessageBytes);
        Invoker = _channel.WithSecret(node.DialToken);
        Way = new NodeWay(new HttpMessageInvoker(handler, disposeHandler: false), node.Address, NodeWay.Bearer(node.DialToken));
    }

    public override CallInvoker Invoker { get; }

    public override NodeWay Way { get; }

    public override Task CloseLaterAsync() => _opener.CloseLaterAsync(this);

    public void Dispose() => _channel.Dispose();

    /// <summary>Opens channels, and closes them when nothing can run on them any more.</summary>
    internal sealed class Opener(
        AllowedNetworks networks, IOptions<ServiceSessionOptions> sessions, IOptions<StreamingOptions> streaming, TimeProvider clock) : IDisposable
    {
        private readonly ConcurrentDictionary<DirectChannel, bool> _open = new();

        public DirectChannel Open(JoinedNode node)
        {
            var handler = StreamingChannel.Handler(sessions.Value.ConnectTimeout);
            handler.ConnectCallback = networks.ConnectAsync;
            var opened = new DirectChannel(handler, node, this);
            _open[opened] = true;
            return opened;
        }

        /// <summary>Closing the channel would end its streams; none of them outlives the total deadline.</summary>
        public async Task CloseLaterAsync(DirectChannel channel)
        {
            await Task.Delay(streaming.Value.Total, clock);
            Close(channel);
        }

        /// <summary>At the end of the process, after its requests.</summary>
        public void Dispose()
        {
            foreach (var channel in _open.Keys)
            {
                Close(channel);
            }
        }

        private void Close(DirectChannel channel)
        {
            _open.TryRemove(channel, out _);
            channel.Dispose();
        }
    }
}
