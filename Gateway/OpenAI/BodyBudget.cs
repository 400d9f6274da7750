using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// The memory that arriving bodies may take together. No account gets more than its part: one that begins a thousand large bodies and
/// ends none keeps nobody else out.
/// </summary>
internal sealed class BodyBudget(IOptions<BodyOptions> options, TimeProvider clock)
{
    private const int PartsOfAll = 4;
    private const long Megabyte = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _taken = [];
    private long _sum;

    /// <summary>What arriving bodies take now, in bytes.</summary>
    public long Taken
    {
        get
        {
            lock (_lock)
            {
                return _sum;
            }
        }
    }

    private long Most => options.Value.Megabytes * Megabyte;

    /// <param name="account">Whose body it is; empty for all who have none.</param>
    /// <returns>False: nothing was taken.</returns>
    public bool TryTake(string account, int bytes)
    {
        lock (_lock)
        {
            var own = _taken.GetValueOrDefault(account) + bytes;
            if (own > Most / PartsOfAll || _sum + bytes > Most)
            {
                return false;
            }

            _taken[account] = own;
            _sum += bytes;
            return true;
        }
    }

    public void GiveBack(string account, int bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        lock (_lock)
        {
            _sum -= bytes;
            var rest = _taken[account] - bytes;
            if (rest > 0)
            {
                _taken[account] = rest;
            }
            else
            {
                _taken.Remove(account);
            }
        }
    }

    /// <summary>Cancelled when the body should have arrived.</summary>
    public CancellationTokenSource StartTimer() => new(options.Value.Timeout, clock);
}
