using System.Collections.Concurrent;
using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Pricing;

/// <summary>
/// Prices by id. Kept in memory for good: what a price id means never changes, and a price that is no longer offered still settles the
/// requests that hold it. Unknown ids are asked for each time, because another replica may just have made them.
/// </summary>
internal sealed class PriceList(NpgsqlDataSource database) : IDisposable
{
    private const string Select = """
        SELECT p.id, p.node_id, p.model_id, n.hoster_id, h.name, p.input, p.cached_input, p.output
        FROM prices p JOIN nodes n ON n.id = p.node_id JOIN accounts h ON h.id = n.hoster_id
        WHERE p.id = $1
        """;

    // A Billing that has just started is asked for all prices at once, by everybody: that must not take every connection there is.
    private const int AtOnce = 4;

    private readonly ConcurrentDictionary<string, Price> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<Price?>>> _reading = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(AtOnce);

    /// <summary>Null: no price has this id.</summary>
    public ValueTask<Price?> FindAsync(string priceId, CancellationToken cancellationToken) =>
        _known.TryGetValue(priceId, out var price) ? new(price) : new(JoinReadingAsync(priceId, cancellationToken));

    private Task<Price?> JoinReadingAsync(string priceId, CancellationToken cancellationToken)
    {
        // Nobody's alone: whoever leaves does not end it for the others.
        var reading = _reading.GetOrAdd(priceId, id => new Lazy<Task<Price?>>(() => ReadOnceAsync(id)));
        return reading.Value.WaitAsync(cancellationToken);
    }

    private async Task<Price?> ReadOnceAsync(string priceId)
    {
        await _places.WaitAsync();
        try
        {
            return await ReadAsync(priceId, CancellationToken.None);
        }
        finally
        {
            _places.Release();
            _reading.TryRemove(priceId, out _);
        }
    }

    private async Task<Price?> ReadAsync(string priceId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = priceId });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }

        var perMillion = new TokenPrice(row.GetInt64(5), row.GetInt64(6), row.GetInt64(7));
        var price = new Price(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), perMillion);
        return _known.GetOrAdd(price.Id, price);
    }

    public void Dispose() => _places.Dispose();
}
