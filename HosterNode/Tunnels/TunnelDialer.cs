using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using ComputeShare.HosterNode.Membership;
using ComputeShare.HosterNode.Watching;
using ComputeShare.ServiceDefaults.Tunnels;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tunnels;

/// <summary>
/// Opens a tunnel to a gateway that has none yet: says which replicas it does not want, and tries again where one of them answers all the
/// same, as it may behind a balancer. One at a time, so that two do not end at the same replica.
/// </summary>
internal sealed class TunnelDialer : IDisposable
{
    private const int MostTries = 5;
    private const int MostNameLength = 200;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1);
    private readonly Uri[] _gateways;
    private readonly MembershipOptions _membership;
    private readonly TunnelOptions _options;
    private readonly NodeOptions _node;
    private readonly NodeStates _states;
    private readonly TunnelRoster _roster;
    private readonly TimeProvider _clock;
    private readonly ILogger<TunnelDialer> _log;
    private readonly HttpMessageInvoker _http;

    // Nodes of one configuration spread over the gateways that it lists.
    private uint _next = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
    private string _lastReason = "";

    public TunnelDialer(
        IOptions<MembershipOptions> membership,
        IOptions<TunnelOptions> options,
        IOptions<NodeOptions> node,
        NodeStates states,
        TunnelRoster roster,
        GatewayTrust trust,
        TimeProvider clock,
        ILogger<TunnelDialer> log)
    {
        var handler = trust.NewHandler();
        handler.ConnectTimeout = ConnectTimeout;
        // A balancer chooses by connection: after a 421 the same one would lead to the same gateway.
        handler.PooledConnectionLifetime = TimeSpan.Zero;
        _http = new HttpMessageInvoker(handler);
        (_membership, _options, _node, _states, _roster, _clock, _log) =
            (membership.Value, options.Value, node.Value, states, roster, clock, log);
        _gateways = [.. _membership.Gateways.Select(gateway => new Uri(gateway))];
    }

    public async Task<(NodeTunnel? Tunnel, DialEnd End)> DialAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await DialOneAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _one.Dispose();
    }

    private async Task<(NodeTunnel?, DialEnd)> DialOneAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        for (var tries = 0; tries < MostTries && failures < _gateways.Length; tries++)
        {
            var gateway = _gateways[_next++ % _gateways.Length];
            var (tunnel, reason) = await ConnectAsync(gateway, cancellationToken);
            if (tunnel is not null)
            {
                TunnelLog.Opened(_log, gateway, tunnel.Gateway);
                _lastReason = "";
                return (tunnel, DialEnd.Opened);
            }

            if (reason is not null)
            {
                failures++;
                Note(gateway, reason);
            }
        }

        return (null, failures > 0 ? DialEnd.Failed : DialEnd.NoOtherGateway);
    }

    /// <returns>A tunnel, or why there is none; neither: the replica that answered has one.</returns>
    private async Task<(NodeTunnel? Tunnel, string? Reason)> ConnectAsync(Uri gateway, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        var opened = false;
        try
        {
            var avoided = _roster.Avoided;
            Describe(socket.Options, avoided);
            using var limit = new CancellationTokenSource(AnswerTimeout, _clock);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await socket.ConnectAsync(Address(gateway), _http, stop.Token);
            if (ReadGateway(socket) is not { } name)
            {
                return (null, "it does not say which gateway it is");
            }

            if (avoided.Contains(name))
            {
                return (null, null);
            }

            socket.HttpResponseHeaders = null;
            opened = true;
            return (new NodeTunnel(NewId(), name, new TunnelStream(socket), _roster, _clock), null);
        }
        catch (WebSocketException error)
        {
            return (null, socket.HttpStatusCode == HttpStatusCode.MisdirectedRequest ? null : Reason(socket.HttpStatusCode, error));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, "no answer in time");
        }
        finally
        {
            if (!opened)
            {
                socket.Abort();
                socket.Dispose();
            }
        }
    }

    private void Describe(ClientWebSocketOptions options, string[] avoided)
    {
        options.CollectHttpResponseDetails = true;
        options.KeepAliveInterval = _options.PingEvery;
        options.KeepAliveTimeout = _options.PingTimeout;
        options.SetRequestHeader("Authorization", "Bearer " + _membership.HosterKey);
        options.SetRequestHeader(TunnelHeaders.Node, _node.Id);
        options.SetRequestHeader(TunnelHeaders.Incarnation, _states.Incarnation);
        options.SetRequestHeader(TunnelHeaders.DialToken, _node.DialToken);
        if (avoided.Length > 0)
        {
            options.SetRequestHeader(TunnelHeaders.Avoid, string.Join(',', avoided));
        }
    }

    private static Uri Address(Uri gateway) =>
        new UriBuilder(gateway) { Scheme = gateway.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs, Path = TunnelHeaders.Route }.Uri;

    // It is said again in a header of the next tunnel.
    private static string? ReadGateway(ClientWebSocket socket) =>
        socket.HttpResponseHeaders is { } headers && headers.TryGetValue(TunnelHeaders.Gateway, out var values)
        && values.FirstOrDefault() is { Length: > 0 and <= MostNameLength } name && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_')
            ? name
            : null;

    private static string Reason(HttpStatusCode status, WebSocketException error) => status switch
    {
        HttpStatusCode.Unauthorized => "401: it does not know the hoster's key",
        HttpStatusCode.Forbidden => "403: the node's id is another hoster's",
        HttpStatusCode.ServiceUnavailable => "503: it takes nobody at the moment",
        0 when GatewayTrust.Reason(error) is { } reason => reason,
        0 when error.InnerException is HttpRequestException { HttpRequestError: var kind } => kind.ToString(),
        0 => error.WebSocketErrorCode.ToString(),
        _ => $"{(int)status}",
    };

    private static string NewId()
    {
        const int HexDigits = 16;
        return RandomNumberGenerator.GetHexString(HexDigits, lowercase: true);
    }

    private void Note(Uri gateway, string reason)
    {
        if (reason != _lastReason)
        {
            TunnelLog.NotOpened(_log, gateway, reason);
        }

        _lastReason = reason;
    }
}

/// <summary>How one round of dialling ended.</summary>
internal enum DialEnd
{
    Opened,

    /// <summary>Some gateway is away, or refuses.</summary>
    Failed,

    /// <summary>Every replica that answered has a tunnel already, or is about to go.</summary>
    NoOtherGateway,
}
