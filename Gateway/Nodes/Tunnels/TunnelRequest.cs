using System.Net;
using System.Security.Cryptography;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.ServiceDefaults.Tunnels;
using Google.Protobuf;

namespace ComputeShare.Gateway.Nodes.Tunnels;

/// <summary>What a node says of itself when it opens a tunnel.</summary>
/// <param name="TunnelId">Made here, by chance.</param>
internal sealed record TunnelRequest(JoinedNode Node, string TunnelId)
{
    private const int IdHexDigits = 16;

    /// <exception cref="RequestRefusedException">A header is missing or wrong.</exception>
    public static TunnelRequest Read(IHeaderDictionary headers, ByteString hosterKeyHash)
    {
        var id = RandomNumberGenerator.GetHexString(IdHexDigits, lowercase: true);
        var node = JoinRequestReader.Read(
            headers[TunnelHeaders.Node].ToString(),
            new Uri($"tunnel:{id}"),
            headers[TunnelHeaders.DialToken].ToString(),
            headers[TunnelHeaders.Incarnation].ToString(),
            hosterKeyHash);
        return new TunnelRequest(node, id);
    }

    public static bool IsAvoided(IHeaderDictionary headers, string gateway) =>
        headers.GetCommaSeparatedValues(TunnelHeaders.Avoid).Contains(gateway, StringComparer.Ordinal);
}

internal static class TunnelRefusals
{
    public static readonly OpenAIError NoWebSocket = new(StatusCodes.Status426UpgradeRequired, OpenAIError.InvalidRequest,
        "A tunnel is opened with a WebSocket upgrade.", "websocket_required");

    public static readonly OpenAIError Avoided = new((int)HttpStatusCode.MisdirectedRequest, OpenAIError.InvalidRequest,
        "This is a gateway that the node does not want (x-computeshare-avoid). Try again to be connected to another.", "gateway_avoided");

    public static readonly OpenAIError Full = OpenAIError.Unavailable with { Message = "This gateway holds as many tunnels as it may.", Code = "too_many_tunnels" };
}
