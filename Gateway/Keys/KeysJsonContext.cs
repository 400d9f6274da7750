using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Keys;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyObject))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(UsageObject))]
[JsonSerializable(typeof(CreditsObject))]
internal sealed partial class KeysJsonContext : JsonSerializerContext;

internal static class KeysJson
{
    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";

        // Keys and money are nobody's but the caller's, also where a proxy stands between.
        context.Response.Headers.CacheControl = "no-store";
        return OpenAIJson.WriteAsync(context.Response.BodyWriter, value, type, context.RequestAborted);
    }
}
