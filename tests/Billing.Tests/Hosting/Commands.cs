using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Tests.Hosting;

/// <summary>Commands as a gateway sends them.</summary>
internal static class Commands
{
    public static string NewRequest() => RequestId.New(TimeProvider.System).Value;

    public static BillingCommand Hold(
        string request, string account, Offer offer, uint prompt, uint wanted, uint least = 1, uint seq = 1) => new()
        {
            Hold = new Hold
            {
                RequestId = request,
                Seq = seq,
                AccountId = account,
                PriceId = offer.PriceId,
                PromptTokens = prompt,
                CompletionTokens = wanted,
                MinCompletionTokens = least,
                KeyId = "key",
            },
        };

    public static BillingCommand Release(string request) => new() { ReleaseHold = new ReleaseHold { RequestId = request } };

    public static BillingCommand Settle(string request, string account, params Share[] shares) => new()
    {
        Settle = new Settle
        {
            RequestId = request,
            AccountId = account,
            Kind = "settle",
            Shares = { shares },
            Record = new GenerationRecord
            {
                KeyId = "key",
                RequestedModel = "auto",
                ServedModel = "computeshare/tiny",
                Status = GenerationStatus.Completed,
                Outcome = "Finished",
                Attempts = 1,
            },
        },
    };

    public static BillingCommand Checkpoint(string request, params Share[] shares) => new()
    {
        Checkpoint = new Checkpoint { Streams = { new OpenStream { RequestId = request, Shares = { shares } } } },
    };

    public static Share Share(Offer offer, uint prompt, uint completion, uint cached = 0) => new()
    {
        NodeId = offer.NodeId,
        PriceId = offer.PriceId,
        PromptTokens = prompt,
        CachedTokens = cached,
        CompletionTokens = completion,
    };
}
