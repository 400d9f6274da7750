using System.Collections.Frozen;
using ComputeShare.Gateway.Sessions;
using ComputeShare.ServiceDefaults.Ports;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

/// <summary>Dials the nodes known by configuration directly; one HTTP/2 connection each.</summary>
internal sealed class ConfiguredHosterChannels : IHosterChannels, IDisposable
{
    private readonly FrozenDictionary<string, (GrpcChannel Channel, CallInvoker Invoker)> _nodes;

    public ConfiguredHosterChannels(IOptions<NodesOptions> nodes, IOptions<ServiceSessionOptions> sessions) =>
        _nodes = nodes.Value.Configured.ToFrozenDictionary(node => node.Id, node =>
        {
            var channel = StreamingChannel.Open(node.Address!, sessions.Value.ConnectTimeout);
            return (channel, channel.WithSecret(node.DialToken));
        });

    public CallInvoker? GetInvoker(string nodeId) => _nodes.TryGetValue(nodeId, out var node) ? node.Invoker : null;

    public void Dispose()
    {
        foreach (var (channel, _) in _nodes.Values)
        {
            channel.Dispose();
        }
    }
}
