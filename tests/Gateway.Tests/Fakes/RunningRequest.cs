using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.OpenAI;
using Microsoft.AspNetCore.Http;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>A request that has its node, as what comes after the pipeline's first steps sees it.</summary>
internal static class RunningRequest
{
    /// <param name="id">Null: a new one.</param>
    public static CompletionContext Streaming(TimeProvider clock, RequestId? id = null)
    {
        var http = new DefaultHttpContext();
        http.SetRequestId(id ?? RequestId.New(clock));
        var request = new CompletionRequest
        {
            Operation = Operation.Chat,
            Models = ["auto"],
            WorkBody = default,
            Prompt = PromptText.OfMessages(["?"], 1),
            Stream = true,
        };
        return new CompletionContext(http, new Caller("", new KeyRecord { AccountId = "account" }), request, clock)
        {
            Lease = new Reserved { NodeId = "node", Price = new OfferedPrice { PriceId = "price" } },
        };
    }
}
