using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Sessions;

namespace ComputeShare.Gateway.Admission;

/// <summary>
/// The money held for one request. Placed anew for each attempt, at its lease's price; grows while tokens are delivered. Used by one
/// request's flow only; a growth runs beside it.
/// </summary>
internal sealed class CreditHold(string requestId, uint ownerEpoch, KeyRecord key, HoldSizes sizes, BillingSessions billing, ILogger logger)
{
    private uint _seq;
    private string _priceId = "";
    private uint _promptTokens;
    private uint _lastPart;
    private Task<HoldResult>? _growing;
    private bool _creditEnded;

    /// <summary>A hold was asked for: it may exist, whatever the answer was, and is given back by a settle.</summary>
    public bool WasAsked => _seq > 0;

    /// <summary>Completion tokens that are paid for, all choices together.</summary>
    public uint Covered { get; private set; }

    /// <summary>Less was to be had than was asked for: the account, or a spend cap, had no more.</summary>
    public bool IsShort { get; private set; }

    /// <summary>Until the spend caps that are in the way begin anew; null = never.</summary>
    public TimeSpan? CapResetsIn { get; private set; }

    /// <param name="priceId">The lease's.</param>
    /// <param name="promptTokens">An upper bound.</param>
    public async Task<HoldResult> PlaceAsync(string priceId, uint promptTokens)
    {
        // A growth of an earlier attempt must not overtake: its answer would count at another price.
        if (_growing is not null)
        {
            await _growing;
            _growing = null;
        }

        (_priceId, _promptTokens) = (priceId, promptTokens);
        _creditEnded = false;
        Covered = 0;
        var result = await AskAsync(sizes.First, least: Math.Min(1, sizes.First));
        _lastPart = Covered;
        return result;
    }

    /// <summary>
    /// Whether <paramref name="tokens"/> in total are covered. Starts to grow early; waits only when they are not covered yet.
    /// </summary>
    public ValueTask<HoldResult> CoverAsync(uint tokens)
    {
        if (_growing is { IsCompleted: true })
        {
            _growing = null;
        }

        if (_growing is null && !_creditEnded && Covered < (sizes.Most ?? uint.MaxValue) && tokens + (_lastPart / 2) >= Covered)
        {
            _growing = GrowAsync();
        }

        return tokens <= Covered ? ValueTask.FromResult(HoldResult.Covered) : new(GrowToAsync(tokens));
    }

    /// <summary>Waits until no growth is under way: one that came after the settle would hold money that nobody gives back.</summary>
    public Task QuietAsync() => _growing ?? Task.CompletedTask;

    private async Task<HoldResult> GrowToAsync(uint tokens)
    {
        var result = _growing is null ? HoldResult.NoCredit : await _growing;
        while (result == HoldResult.Covered && tokens > Covered && !_creditEnded)
        {
            result = await (_growing = GrowAsync());
        }

        _growing = null;
        return tokens <= Covered ? HoldResult.Covered : result == HoldResult.Unavailable ? result : HoldResult.NoCredit;
    }

    private async Task<HoldResult> GrowAsync()
    {
        var before = Covered;
        var wanted = Math.Min(checked(Covered + sizes.Growth), sizes.Most ?? uint.MaxValue);
        var result = await AskAsync(wanted, least: Covered);
        _creditEnded = result is HoldResult.NoCredit or HoldResult.CapReached || (result == HoldResult.Covered && Covered < wanted);
        _lastPart = Covered - before;
        return result;
    }

    private async Task<HoldResult> AskAsync(uint completionTokens, uint least)
    {
        var hold = new Hold
        {
            RequestId = requestId,
            OwnerEpoch = ownerEpoch,
            Seq = ++_seq,
            AccountId = key.AccountId,
            KeyId = key.KeyId,
            PriceId = _priceId,
            PromptTokens = _promptTokens,
            CompletionTokens = completionTokens,
            MinCompletionTokens = least,
        };
        try
        {
            // Waited for to the end also when the caller leaves: what is held must be known to be given back.
            var answer = await billing.SendAsync(key.AccountId, new BillingCommand { Hold = hold }, CancellationToken.None);
            switch (answer.AnswerCase)
            {
                case BillingAnswer.AnswerOneofCase.Held:
                    Covered = Math.Max(Covered, answer.Held.CompletionTokens);
                    IsShort |= answer.Held.CompletionTokens < completionTokens;
                    return HoldResult.Covered;
                case BillingAnswer.AnswerOneofCase.HoldRefused when answer.HoldRefused.Reason == HoldRefusal.SpendCap:
                    var wait = answer.HoldRefused.RetryAfterMs;
                    CapResetsIn = wait == 0 ? null : TimeSpan.FromMilliseconds(wait);
                    IsShort = true;
                    return HoldResult.CapReached;
                case BillingAnswer.AnswerOneofCase.HoldRefused:
                    IsShort = true;
                    return HoldResult.NoCredit;
                case BillingAnswer.AnswerOneofCase.Rejected:
                    AdmissionLog.HoldRejected(logger, requestId, answer.Rejected.Message);
                    return HoldResult.Unavailable;
                default:
                    AdmissionLog.NotGrown(logger, requestId, answer.AnswerCase.ToString());
                    return HoldResult.Unavailable;
            }
        }
        catch (SessionLostException lost)
        {
            AdmissionLog.NotGrown(logger, requestId, lost.Message);
            return HoldResult.Unavailable;
        }
    }
}
