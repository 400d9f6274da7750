using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ComputeShare.Gateway.OpenAI.Chat;
using ComputeShare.Gateway.OpenAI.Models;
using ComputeShare.Gateway.OpenAI.Responses;
using ComputeShare.Gateway.OpenAI.TextCompletions;

namespace ComputeShare.Gateway.OpenAI;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatCompletionChunk))]
[JsonSerializable(typeof(ChatCompletionUsageChunk))]
[JsonSerializable(typeof(TextCompletion))]
[JsonSerializable(typeof(TextCompletionWithUsage))]
[JsonSerializable(typeof(Response))]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(ResponseErrorEvent))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(Model))]
internal sealed partial class OpenAIJsonContext : JsonSerializerContext;

internal static class OpenAIJson
{
    // Text goes out as it is, not as \u escapes: the body is JSON in UTF-8 and never part of a page.
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static async Task WriteAsync<T>(PipeWriter output, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await using (var json = new Utf8JsonWriter(output, WriterOptions))
        {
            JsonSerializer.Serialize(json, value, type);
        }

        await output.FlushAsync(cancellationToken);
    }
}
