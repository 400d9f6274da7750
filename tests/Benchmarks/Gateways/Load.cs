namespace ComputeShare.Benchmarks.Gateways;

/// <summary>Consumers that each ask one request after the other, until they are stopped. The first ones begin spread over a time.</summary>
internal sealed class Load
{
    private readonly TimeSpan _period;
    private readonly long[] _arrived;
    private readonly List<TimeSpan> _firstTokens = [];
    private readonly Task[] _consumers;
    private volatile bool _isStopped;

    /// <param name="requests">Of each consumer; its server is asked nothing else.</param>
    /// <param name="spread">So that streams of equal length do not all begin at once, again and again.</param>
    /// <param name="period">From one request of a consumer to its next; zero: as soon as it is answered.</param>
    public Load(IReadOnlyList<(Uri Server, LoadRequest Request)> requests, TimeSpan spread, TimeSpan period)
    {
        _period = period;
        _arrived = new long[requests.Count];
        _consumers = [.. requests.Select((request, number) => ConsumeAsync(request.Server, request.Request, number, spread * number / requests.Count))];
    }

    /// <summary>Tokens, or whole answers.</summary>
    public long Arrived => _arrived.Sum();

    /// <summary>Until each stream's first token, of those that have ended.</summary>
    public IReadOnlyList<TimeSpan> FirstTokens
    {
        get
        {
            lock (_firstTokens)
            {
                return [.. _firstTokens];
            }
        }
    }

    /// <summary>Returns when the last answers have ended.</summary>
    /// <exception cref="InvalidOperationException">An answer was not what the engine said.</exception>
    public async Task StopAsync()
    {
        _isStopped = true;
        await Task.WhenAll(_consumers);
    }

    private async Task ConsumeAsync(Uri server, LoadRequest request, int number, TimeSpan pause)
    {
        using var connection = new LoadConnection(server);
        await Task.Delay(pause, TimeProvider.System);
        await connection.ConnectAsync();
        var isFirst = true;
        var due = TimeProvider.System.GetTimestamp();
        while (!_isStopped)
        {
            due += _period.Ticks * (TimeProvider.System.TimestampFrequency / TimeSpan.TicksPerSecond);
            var first = await connection.AskAsync(request, () => _arrived[number]++);
            lock (_firstTokens)
            {
                // A connection's first answer pays for the connection.
                if (!isFirst)
                {
                    _firstTokens.Add(first);
                }
            }

            isFirst = false;
            var early = TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), due);
            if (_period > TimeSpan.Zero && early > TimeSpan.Zero)
            {
                await Task.Delay(early, TimeProvider.System);
            }
        }
    }
}
