using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

/// <summary>
/// The one connection, made at first use and kept: the multiplexer comes back by itself when Redis does. Commands of all callers are
/// pipelined over it.
/// </summary>
internal sealed class RedisConnection(IOptions<RedisOptions> options) : IAsyncDisposable
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
            return _multiplexer ??= await ConnectionMultiplexer.ConnectAsync(options.Value.ToConfiguration());
        }
        finally
        {
            _connecting.Release();
        }
    }
}
