using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

/// <summary>
/// The one connection, made at first use and kept: the multiplexer comes back by itself when Redis does. Commands of all callers are
/// pipelined over it.
/// </summary>
internal sealed class RedisConnection(IOptions<RedisOptions> options, ILogger<RedisConnection> logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private volatile ConnectionMultiplexer? _multiplexer;

    public async ValueTask<IDatabase> GetDatabaseAsync() => (await GetMultiplexerAsync()).GetDatabase();

    public ValueTask<ConnectionMultiplexer> GetMultiplexerAsync() =>
        _multiplexer is { } multiplexer ? ValueTask.FromResult(multiplexer) : ConnectAsync();

    /// <summary>Fails where Redis does not answer.</summary>
    public async Task PingAsync() => await (await GetDatabaseAsync()).PingAsync();

    /// <summary>Redis is away, too slow, or refuses to work, as the client's exceptions tell it.</summary>
    public static bool MeansUnavailable(Exception error) => error is RedisException or TimeoutException or ObjectDisposedException;

    public async ValueTask DisposeAsync()
    {
        if (_multiplexer is { } multiplexer)
        {
            await multiplexer.DisposeAsync();
        }

        _connecting.Dispose();
    }

    private async ValueTask<ConnectionMultiplexer> ConnectAsync()
    {
        await _connecting.WaitAsync();
        try
        {
            if (_multiplexer is null)
            {
                var multiplexer = await ConnectionMultiplexer.ConnectAsync(options.Value.ToConfiguration());
                multiplexer.ConnectionFailed += (_, lost) => RedisLog.Lost(logger, lost.ConnectionType, lost.FailureType);
                multiplexer.ConnectionRestored += (_, restored) => RedisLog.Restored(logger, restored.ConnectionType);
                _multiplexer = multiplexer;
            }

            return _multiplexer;
        }
        finally
        {
            _connecting.Release();
        }
    }
}
