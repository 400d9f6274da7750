namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>Holds a choice to a number of tokens per second, counted from its first.</summary>
internal sealed class Pace(double? tokensPerSecond, TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();

    /// <summary>Waits until the token, counted from 1, is due.</summary>
    public Task WaitAsync(int token, CancellationToken cancellationToken)
    {
        if (tokensPerSecond is not { } rate)
        {
            return Task.CompletedTask;
        }

        var wait = TimeSpan.FromSeconds(token / rate) - clock.GetElapsedTime(_start);
        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, cancellationToken) : Task.CompletedTask;
    }
}
