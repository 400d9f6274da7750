using System.Net;
using System.Net.Sockets;
using ComputeShare.Gateway.OpenAI;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

/// <summary>
/// Where nodes may be dialled. A hoster says its node's address, so without this the gateway would open connections for strangers to
/// whatever it can reach. Each connection looks the name up once, checks what it found, and goes there: a name cannot change in between.
/// </summary>
internal sealed class AllowedNetworks(IOptions<DirectOptions> options)
{
    private static readonly IPNetwork[] Loopback = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    private readonly IPNetwork[] _networks =
        options.Value.AllowedNetworks.Count == 0 ? Loopback : [.. options.Value.AllowedNetworks.Select(network => IPNetwork.Parse(network))];

    /// <exception cref="RequestRefusedException">The address is unknown, or lies outside.</exception>
    public async Task CheckAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            await ResolveAsync(address.IdnHost, cancellationToken);
        }
        catch (HttpRequestException refused)
        {
            throw new RequestRefusedException(OpenAIError.Invalid(refused.Message, "address", "address_not_allowed"));
        }
    }

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="HttpRequestException">The address is unknown, or lies outside.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(context.DnsEndPoint.Host, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException)
        {
            addresses = [];
        }

        if (addresses.Length == 0)
        {
            throw new HttpRequestException("The node's address has a name that this gateway does not find.");
        }

        return Array.TrueForAll(addresses, IsAllowed)
            ? addresses
            : throw new HttpRequestException("The node's address lies outside the networks in which this gateway dials nodes (Direct:AllowedNetworks).");
    }

    private bool IsAllowed(IPAddress address)
    {
        // ::ffff:10.0.0.7 is 10.0.0.7, whatever family it is written in.
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_networks, network => network.Contains(plain));
    }
}
