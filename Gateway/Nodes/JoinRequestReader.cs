using System.Text.Json;
using System.Text.RegularExpressions;
using ComputeShare.Gateway.OpenAI;
using Google.Protobuf;

namespace ComputeShare.Gateway.Nodes;

/// <summary>The body of <c>POST /v1/nodes</c>, and what a tunnel's headers have in common with it. What it does not know it ignores: newer nodes may say more.</summary>
internal static partial class JoinRequestReader
{
    public const int MostIncarnationLength = 64;

    private const int LeastTokenLength = 32;
    private const int MostTokenLength = 512;

    /// <exception cref="RequestRefusedException">A field is missing or wrong.</exception>
    public static JoinedNode Read(JsonElement body, ByteString hosterKeyHash)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new RequestRefusedException(OpenAIError.Invalid("The body must be a JSON object."));
        }

        return Read(
            ReadId(Required(body, "node_id")),
            ReadAddress(Required(body, "address")),
            Required(body, "dial_token"),
            body.TryGetProperty("incarnation", out var incarnation) ? incarnation.ReadString("incarnation") : "",
            hosterKeyHash);
    }

    /// <exception cref="RequestRefusedException">One of the texts is missing or wrong.</exception>
    public static JoinedNode Read(string id, Uri address, string dialToken, string incarnation, ByteString hosterKeyHash) =>
        new(ReadId(id), address, ReadToken(dialToken), ReadIncarnation(incarnation), hosterKeyHash);

    private static string Required(JsonElement body, string param) =>
        body.TryGetProperty(param, out var value) ? value.ReadString(param) : throw RequestRefusedException.Missing(param);

    private static string ReadId(string text) => IdShape().IsMatch(text)
        ? text
        : throw RequestRefusedException.For("node_id", "it must be 1 to 64 letters, digits, dots, dashes or underscores");

    private static Uri ReadAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", UserInfo: "", PathAndQuery: "/", Fragment: "" }
            ? address
            : throw RequestRefusedException.For("address", "it must be an http address without a path, such as http://10.0.0.7:5101");

    // It travels in a header.
    private static string ReadToken(string text) =>
        text.Length is >= LeastTokenLength and <= MostTokenLength && text.All(character => character is > ' ' and <= '~')
            ? text
            : throw RequestRefusedException.For("dial_token", $"it must be {LeastTokenLength} to {MostTokenLength} ASCII characters without spaces");

    private static string ReadIncarnation(string text) => text.Length <= MostIncarnationLength
        ? text
        : throw RequestRefusedException.For("incarnation", $"it must be at most {MostIncarnationLength} characters");

    // No braces among them: Redis keys take their hash tag from the id.
    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex IdShape();
}
