using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Keys;
using ComputeShare.Gateway.OpenAI;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ComputeShare.Gateway.Hosters;

/// <summary>
/// GET /v1/hosters/nodes: a hoster's nodes. Whose they are and what they did says Billing, how they stand now a Scheduler: the same at
/// every gateway.
/// </summary>
internal static class HosterNodesApi
{
    private const int DefaultPage = 20;
    private const int LargestPage = 100;

    private static readonly OpenAIError NoSuchNode = new(
        StatusCodes.Status404NotFound, OpenAIError.InvalidRequest, "This account has no such node.", "node_not_found");

    public static void MapHosterNodes(this IEndpointRouteBuilder hosters)
    {
        hosters.MapGet("/nodes", ListAsync);
        hosters.MapGet("/nodes/{id}", FindAsync);
    }

    private static async Task<EmptyHttpResult> ListAsync(HttpContext context, BillingCalls billing, SchedulerCalls scheduler)
    {
        var query = context.Request.Query;
        var request = new ListHosterNodesRequest
        {
            AccountId = context.Caller().Record.AccountId,
            Limit = (uint)QueryFields.ReadInteger(query, "limit", DefaultPage, 1, LargestPage),
            After = query["after"].ToString(),
        };
        var (nodes, hasMore) = await ReadAsync(context, request, billing, scheduler);
        await KeysJson.WriteAsync(context, new HosterNodeList(nodes, hasMore), HostersJsonContext.Default.HosterNodeList);
        return TypedResults.Empty;
    }

    private static async Task<EmptyHttpResult> FindAsync(HttpContext context, string id, BillingCalls billing, SchedulerCalls scheduler)
    {
        var request = new ListHosterNodesRequest { AccountId = context.Caller().Record.AccountId, NodeId = id, Limit = 1 };
        var (nodes, _) = await ReadAsync(context, request, billing, scheduler);
        var node = nodes.Count == 1 ? nodes[0] : throw new RequestRefusedException(NoSuchNode);
        await KeysJson.WriteAsync(context, node, HostersJsonContext.Default.HosterNodeObject);
        return TypedResults.Empty;
    }

    private static async Task<(IReadOnlyList<HosterNodeObject> Nodes, bool HasMore)> ReadAsync(
        HttpContext context, ListHosterNodesRequest request, BillingCalls billing, SchedulerCalls scheduler)
    {
        var known = await billing.AskAsync(request.AccountId, (calls, options) => calls.ListHosterNodesAsync(request, options), context.RequestAborted);
        if (known.Nodes.Count == 0)
        {
            return ([], false);
        }

        // Only ids that Billing says are the account's.
        var asked = new ListNodesRequest { NodeIds = { known.Nodes.Select(node => node.NodeId) } };
        var live = await scheduler.AskAsync(request.AccountId, (calls, options) => calls.ListNodesAsync(asked, options), context.RequestAborted);
        var byId = live.Nodes.ToDictionary(node => node.Report.State.NodeId);
        return ([.. known.Nodes.Select(node => HosterNodeObject.Of(node, byId.GetValueOrDefault(node.NodeId)))], known.HasMore);
    }
}
