using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Pricing;

/// <summary>What one node delivered, at the price it was leased for.</summary>
internal sealed record PricedShare(Share Share, Price Price)
{
    public TokenCounts Counts => new(Share.PromptTokens, Share.CachedTokens, Share.CompletionTokens);
}
