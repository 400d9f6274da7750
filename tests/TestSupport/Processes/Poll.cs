namespace ComputeShare.TestSupport.Processes;

/// <summary>Waits for what a test cannot be told of; ends as soon as the condition holds.</summary>
public static class Poll
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <exception cref="TimeoutException">The condition did not hold in time; the message names it.</exception>
    public static async Task UntilAsync(string condition, Func<Task<bool>> holds, TimeSpan limit, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        while (!await holds())
        {
            if (clock.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {condition}.");
            }

            await Task.Delay(Interval, clock, cancellationToken);
        }
    }

    /// <summary>The first answer that is not null.</summary>
    /// <inheritdoc cref="UntilAsync(string, Func{Task{bool}}, TimeSpan, CancellationToken)"/>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T?>> find, TimeSpan limit, CancellationToken cancellationToken)
        where T : class
    {
        T? found = null;
        await UntilAsync(what, async () => (found = await find()) is not null, limit, cancellationToken);
        return found!;
    }

    public static Task UntilAsync(string condition, Func<bool> holds, TimeSpan limit, CancellationToken cancellationToken) =>
        UntilAsync(condition, () => Task.FromResult(holds()), limit, cancellationToken);
}
