using System.Text.Json.Serialization;
using ComputeShare.Contracts;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;
using ComputeShare.ServiceDefaults.Ports;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

/// <summary>
/// POST /v1/nodes: a node asks to be called, with its hoster's key. Asked again it answers the same, so a node asks now and then to find
/// out whether it is still known.
/// </summary>
internal static class NodesApi
{
    public const string Route = "/v1/nodes";

    public static WebApplication MapNodes(this WebApplication app)
    {
        app.MapPost(Route, JoinAsync).ServedOn(PortRole.Public);
        return app;
    }

    private static async Task JoinAsync(HttpContext context, JoinedNodes nodes, GatewayReplica replica, IOptions<DirectOptions> options)
    {
        try
        {
            var keyHash = ByteString.CopyFrom(ApiKey.Hash(context.Caller().Key));
            var node = await RequestBody.ReadJsonAsync(context.Request, body => JoinRequestReader.Read(body, keyHash), context.RequestAborted);
            var isIn = await nodes.JoinAsync(node, context.RequestAborted);
            context.Response.StatusCode = isIn ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
            context.Response.ContentType = "application/json";
            var answer = new NodeJoined("node", node.Id, replica.Name, isIn ? "joined" : "joining", (long)options.Value.AskAgainAfter.TotalMilliseconds);
            await OpenAIJson.WriteAsync(context.Response.BodyWriter, answer, NodesJsonContext.Default.NodeJoined, context.RequestAborted);
        }
        catch (RequestRefusedException refused)
        {
            await context.WriteErrorAsync(refused.Error);
        }
        catch (SessionLostException)
        {
            await context.WriteErrorAsync(OpenAIError.Unavailable);
        }
    }
}

/// <param name="Object">Always <c>node</c>.</param>
/// <param name="Id">The node's.</param>
/// <param name="Gateway">This replica's name, as its Watch carries it.</param>
/// <param name="Status"><c>joined</c>: requests can be placed on the node. <c>joining</c>: not yet.</param>
/// <param name="AskAgainMs">When to ask again, if the watch does not end before.</param>
internal sealed record NodeJoined(string Object, string Id, string Gateway, string Status, long AskAgainMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(NodeJoined))]
internal sealed partial class NodesJsonContext : JsonSerializerContext;
