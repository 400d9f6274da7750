using System.Collections.Concurrent;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Streaming;
using ComputeShare.ServiceDefaults.Ports;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

/// <summary>The one HTTP/2 connection to a node that is dialled directly.</summary>
internal sealed class NodeChannel : IDisposable
{
    private readonly GrpcChannel _channel;

    private NodeChannel(GrpcChannel channel, string dialToken) => (_channel, Invoker) = (channel, channel.WithSecret(dialToken));

    public CallInvoker Invoker { get; }

    public void Dispose() => _channel.Dispose();

    /// <summary>Opens channels, and closes them when nothing can run on them any more.</summary>
    internal sealed class Opener(
        AllowedNetworks networks, IOptions<ServiceSessionOptions> sessions, IOptions<StreamingOptions> streaming, TimeProvider clock) : IDisposable
    {
        private readonly ConcurrentDictionary<NodeChannel, bool> _open = new();

        public NodeChannel Open(JoinedNode node)
        {
            var channel = StreamingChannel.Open(node.Address, sessions.Value.ConnectTimeout, networks.ConnectAsync);
            var opened = new NodeChannel(channel, node.DialToken);
            _open[opened] = true;
            return opened;
        }

        /// <summary>
        /// The watch is over, but streams on the same connection may go on; closing it would end them. None outlives the total deadline.
        /// </summary>
        public async Task CloseLaterAsync(NodeChannel channel)
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

        private void Close(NodeChannel channel)
        {
            _open.TryRemove(channel, out _);
            channel.Dispose();
        }
    }
}
