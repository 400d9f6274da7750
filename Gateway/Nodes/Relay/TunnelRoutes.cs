using System.Net;
using ComputeShare.Gateway.Nodes.Tunnels;
using ComputeShare.ServiceDefaults.Redis;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using IServer = Microsoft.AspNetCore.Hosting.Server.IServer;

namespace ComputeShare.Gateway.Nodes.Relay;

/// <summary>
/// Through which gateways a node can be reached: each tells of the tunnels that end at it, signed, for as long as it renews what it said.
/// Redis may forget them all; they are told again.
/// </summary>
internal sealed class TunnelRoutes(
    IConnectionMultiplexer redis, IServer server, RouteSeal seal, IOptions<RelayOptions> options, ILogger<TunnelRoutes> logger)
{
    private static readonly RedisScript Keep = RedisScript.Embedded<TunnelRoutes>("keep-route.lua");
    private static readonly RedisScript Find = RedisScript.Embedded<TunnelRoutes>("find-routes.lua");

    private volatile bool _withdrawn;
    private int _refusals;
    private string? _address;

    private string Address => _address ??= options.Value.Address.Length > 0 ? options.Value.Address.TrimEnd('/') : InternalPort();

    public async Task AnnounceAsync(string nodeId, string tunnelId)
    {
        if (_withdrawn)
        {
            return;
        }

        try
        {
            await Keep.RunAsync(redis.GetDatabase(), [Key(nodeId)], [seal.Seal(nodeId, tunnelId, Address), (long)options.Value.RouteLife.TotalMilliseconds]);
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            // Until the next renewal others cannot reach the node through here.
            TunnelLog.RouteNotKept(logger, nodeId, error.Message);
        }
    }

    public async Task WithdrawAsync(string nodeId, string tunnelId)
    {
        try
        {
            await redis.GetDatabase().SortedSetRemoveAsync(Key(nodeId), seal.Seal(nodeId, tunnelId, Address));
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            // It runs out.
            TunnelLog.RouteNotKept(logger, nodeId, error.Message);
        }
    }

    /// <summary>From now on nothing is announced: this gateway is about to go.</summary>
    public void AnnounceNoMore() => _withdrawn = true;

    /// <summary>The internal ports of other gateways; empty where there are none, or Redis is away.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(string nodeId)
    {
        try
        {
            var routes = (string?[]?)await Find.RunAsync(redis.GetDatabase(), [Key(nodeId)], []) ?? [];
            return [.. routes.OfType<string>().Select(route => AddressOf(nodeId, route)).OfType<string>().Where(address => address != Address).Distinct()];
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            return [];
        }
    }

    // The hash tag of all of a node's keys.
    private static RedisKey Key(string nodeId) => $"{{n:{nodeId}}}:routes";

    private string? AddressOf(string nodeId, string route)
    {
        var address = seal.AddressOf(nodeId, route);
        // Once: it would be said with each request.
        if (address is null && Interlocked.Exchange(ref _refusals, 1) == 0)
        {
            TunnelLog.RouteRefused(logger, nodeId);
        }

        return address;
    }

    // Ports are opened, and listed, in the order Public, Internal, Health.
    private string InternalPort()
    {
        var bound = new Uri(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ElementAt(1));
        var isEverywhere = IPAddress.TryParse(bound.DnsSafeHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        var reachable = isEverywhere ? new UriBuilder(bound) { Host = IPAddress.Loopback.ToString() }.Uri : bound;
        return reachable.GetLeftPart(UriPartial.Authority);
    }
}
