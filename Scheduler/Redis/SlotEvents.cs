using System.Globalization;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

/// <summary>What the lease scripts publish for all Schedulers: nodes that became full, and nodes that have room again.</summary>
internal sealed class SlotEvents(RedisConnection connection)
{
    public delegate void Handler(string nodeId, int taken, long version, TimeSpan firstExpiry);

    public async Task SubscribeAsync(Handler heard)
    {
        var subscriber = (await connection.GetMultiplexerAsync()).GetSubscriber();
        var messages = await subscriber.SubscribeAsync(RedisChannel.Literal(RedisKeys.SlotsChannel));
        messages.OnMessage(message =>
        {
            // The node's id comes last and may contain anything.
            if (((string?)message.Message)?.Split(' ', 4) is [var taken, var firstExpiry, var version, var nodeId]
                && int.TryParse(taken, CultureInfo.InvariantCulture, out var slots)
                && long.TryParse(firstExpiry, CultureInfo.InvariantCulture, out var milliseconds)
                && long.TryParse(version, CultureInfo.InvariantCulture, out var microseconds))
            {
                heard(nodeId, slots, microseconds, TimeSpan.FromMilliseconds(milliseconds));
            }
        });
    }
}
