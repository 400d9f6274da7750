using System.Globalization;
using System.Text.Json;
using ComputeShare.Scheduler.Sharing;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

/// <summary>
/// The last minutes of what all Schedulers saw, in one stream: written and read a few times a second, so that no decision asks Redis and a
/// Scheduler that starts knows what the others know. For one reader.
/// </summary>
internal sealed class ObservationLog(RedisConnection connection)
{
    // With the bound of a batch at most some hundred megabytes, in an ordinary market a few.
    private const int MostBatches = 2400;
    private const int ReadAtOnce = 100;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    private RedisValue _lastRead = "0-0";

    /// <exception cref="RedisUnavailableException">It may be written or not.</exception>
    public async Task AppendAsync(ObservationBatch batch)
    {
        try
        {
            var database = await connection.GetDatabaseAsync();
            var written = database.StreamAddAsync(
                RedisKeys.Observations, "batch", JsonSerializer.SerializeToUtf8Bytes(batch, ObservationJson.Default.ObservationBatch),
                maxLength: MostBatches, useApproximateMaxLength: true);
            _ = database.KeyExpireAsync(RedisKeys.Observations, Life, flags: CommandFlags.FireAndForget);
            await written;
        }
        catch (Exception error) when (RedisConnection.MeansUnavailable(error))
        {
            throw new RedisUnavailableException(error);
        }
    }

    /// <summary>What came since the last call; at the first, all there is. With its age.</summary>
    /// <exception cref="RedisUnavailableException">The next call reads on where this one ended.</exception>
    public async Task<IReadOnlyList<(ObservationBatch Batch, TimeSpan Age)>> ReadAsync()
    {
        try
        {
            var database = await connection.GetDatabaseAsync();
            var entries = await database.StreamReadAsync(RedisKeys.Observations, _lastRead, ReadAtOnce);
            if (entries is not { Length: > 0 })
            {
                return [];
            }

            var now = Milliseconds((await database.ExecuteAsync("TIME"))!);
            var batches = new List<(ObservationBatch, TimeSpan)>(entries.Length);
            foreach (var entry in entries)
            {
                _lastRead = entry.Id;
                if (TryParse(((ReadOnlyMemory<byte>)entry["batch"]).Span) is { } batch)
                {
                    batches.Add((batch, TimeSpan.FromMilliseconds(Math.Max(0, now - Milliseconds((string)entry.Id!)))));
                }
            }

            return batches;
        }
        catch (Exception error) when (RedisConnection.MeansUnavailable(error))
        {
            throw new RedisUnavailableException(error);
        }
    }

    // An entry's id is the milliseconds of Redis' clock, a dash, and a number.
    private static long Milliseconds(string id) => long.Parse(id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture);

    private static long Milliseconds(RedisResult time) => ((long)time[0] * 1000) + ((long)time[1] / 1000);

    private static ObservationBatch? TryParse(ReadOnlySpan<byte> json)
    {
        try
        {
            // Null, or without its lists: written by another version.
            return JsonSerializer.Deserialize(json, ObservationJson.Default.ObservationBatch) is { Samples: not null, Prompts: not null } batch ? batch : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
