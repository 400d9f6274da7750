using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Sessions;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Admission;

/// <summary>Places holds at Billing; no hold, no content.</summary>
internal sealed class CreditReserver(BillingSessions billing, IOptions<AdmissionOptions> options, ILogger<CreditReserver> logger)
{
    /// <param name="requestId">What the money is for.</param>
    /// <param name="ownerEpoch">Above zero for a request with an Idempotency-Key.</param>
    /// <param name="key">Whose money.</param>
    /// <param name="choices">How many.</param>
    /// <param name="maxTokens">Per choice; null = as many as fit.</param>
    public CreditHold Begin(RequestId requestId, uint ownerEpoch, KeyRecord key, uint choices, uint? maxTokens)
    {
        uint? most = maxTokens is { } perChoice ? (uint)Math.Min((ulong)perChoice * choices, uint.MaxValue) : null;
        var sizes = new HoldSizes(FirstCompletionTokens(choices, maxTokens), (uint)options.Value.HoldGrowthTokens, most);
        return new CreditHold(requestId.Value, ownerEpoch, key, sizes, billing, logger);
    }

    /// <summary>A modest part of what could come: holding the model's maximum would refuse callers who can well pay (PAINS 16).</summary>
    public uint FirstCompletionTokens(uint choices, uint? maxTokens) => Math.Min(maxTokens ?? uint.MaxValue, (uint)options.Value.FirstHoldTokens) * choices;
}

/// <param name="First">Completion tokens wanted at first.</param>
/// <param name="Growth">By how many a hold grows.</param>
/// <param name="Most">More are never wanted; null = no bound.</param>
internal sealed record HoldSizes(uint First, uint Growth, uint? Most);

internal enum HoldResult
{
    /// <summary>What was asked about is covered.</summary>
    Covered,

    /// <summary>The account cannot pay it.</summary>
    NoCredit,

    /// <summary>A spend cap of the key is reached; <see cref="CreditHold.CapResetsIn"/> says until when.</summary>
    CapReached,

    /// <summary>Billing is away.</summary>
    Unavailable,
}
