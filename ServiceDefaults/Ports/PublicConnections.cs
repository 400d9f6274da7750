using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>
/// How many connections a public port has, in all and from each address. One too many is reset before a byte of it is read. Without this
/// limit they would use up the process' handles, and with them those for Redis, PostgreSQL and the other services. Requests over HTTP/2,
/// thousands of which fit one connection, may be as many as all connections, so that they take no more memory than HTTP/1.1's can.
/// </summary>
internal sealed class PublicConnections
{
    private const double PartOfHandles = 0.75;
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(10);

    // RFC 9113: nothing was done, so that the client may ask again.
    private const int RefusedStream = 0x7;

    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private readonly int _limit;
    private readonly int _limitPerAddress;
    private readonly TimeProvider _clock;
    private readonly ILogger<PublicConnections> _logger;
    private int _open;
    private int _requests;
    private long _refused;
    private long _said;

    public PublicConnections(IOptions<ConnectionOptions> options, TimeProvider clock, ILogger<PublicConnections> logger)
    {
        var handles = FileHandles.Limit();
        _limit = (int)Math.Min(options.Value.Limit, handles * PartOfHandles);
        _limitPerAddress = options.Value.PerAddress > 0 ? options.Value.PerAddress : int.MaxValue;
        _clock = clock;
        _logger = logger;
        if (_limit < options.Value.Limit)
        {
            PortLog.FewHandles(logger, handles, _limit, options.Value.Limit);
        }
    }

    public ConnectionDelegate Guard(ConnectionDelegate next) => connection => RunAsync(connection, next);

    /// <summary>A request over HTTP/2.</summary>
    public async Task RunRequestAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _requests) <= _limit)
            {
                await next(context);
            }
            else
            {
                Say();
                context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(RefusedStream);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _requests);
        }
    }

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        var isAllowed = Interlocked.Increment(ref _open) <= _limit;
        isAllowed &= _perAddress.AddOrUpdate(address, 1, static (_, open) => open + 1) <= _limitPerAddress;
        try
        {
            if (isAllowed)
            {
                await next(connection);
            }
            else
            {
                Say();
                connection.Abort();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            Leave(address);
        }
    }

    private void Leave(IPAddress address)
    {
        // Not more addresses than connections stay here.
        if (_perAddress.AddOrUpdate(address, 0, static (_, open) => open - 1) == 0)
        {
            _perAddress.TryRemove(KeyValuePair.Create(address, 0));
        }
    }

    // One line for each of ten thousand would be another attack.
    private void Say()
    {
        var refused = Interlocked.Increment(ref _refused);
        var (said, now) = (Interlocked.Read(ref _said), _clock.GetTimestamp());
        if ((said == 0 || _clock.GetElapsedTime(said, now) > SayEvery) && Interlocked.CompareExchange(ref _said, now, said) == said)
        {
            PortLog.ConnectionsRefused(_logger, refused, Volatile.Read(ref _open));
        }
    }
}
