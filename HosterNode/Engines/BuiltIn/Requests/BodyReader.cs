using System.Text;
using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>Reads a body and refuses what this engine cannot do. The gateway has validated it, but a node trusts nobody.</summary>
internal static class BodyReader
{
    public static RequestBody Read(ReadOnlyMemory<byte> json)
    {
        var body = Parse(json.Span);
        RefuseUnsupported(body);
        Check(InRange(body.Temperature, 0, 2), "temperature", "temperature must be from 0 to 2.");
        Check(InRange(body.TopP, 0, 1), "top_p", "top_p must be from 0 to 1.");
        Check(body.TopK is null or >= -1, "top_k", "top_k must be -1 or more.");
        Check(InRange(body.MinP, 0, 1), "min_p", "min_p must be from 0 to 1.");
        Check(body.MinTokens is null or >= 0, "min_tokens", "min_tokens must be 0 or more.");
        Check(InRange(body.PresencePenalty, -2, 2), "presence_penalty", "presence_penalty must be from -2 to 2.");
        Check(InRange(body.FrequencyPenalty, -2, 2), "frequency_penalty", "frequency_penalty must be from -2 to 2.");
        Check(InRange(body.TopLogprobs, 0, 20), "top_logprobs", "top_logprobs must be from 0 to 20.");
        return body;
    }

    /// <summary>The text of a message: a string, or the joined text parts.</summary>
    public static string ReadContent(JsonElement content, string param)
    {
        if (content.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            return "";
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return ReadText(content, param);
        }

        var text = new StringBuilder();
        foreach (var part in content.EnumerateArray())
        {
            var type = part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var name) && name.ValueKind == JsonValueKind.String
                ? name.GetString()
                : throw EngineException.Invalid($"{param} has a part without a type.", param);
            if (type != "text")
            {
                throw EngineException.Unsupported("This model reads text only.", param);
            }

            text.Append(ReadText(part.TryGetProperty("text", out var value) ? value : default, param));
        }

        return text.ToString();
    }

    public static string ReadText(JsonElement text, string param)
    {
        try
        {
            return text.ValueKind == JsonValueKind.String ? text.GetString()! : throw EngineException.Invalid($"{param} must be a text.", param);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape.
            throw EngineException.Invalid($"{param} has text that is not Unicode.", param);
        }
    }

    private static RequestBody Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RequestBodyJson.Default.RequestBody)
                ?? throw EngineException.Invalid("The body must be a JSON object.", "");
        }
        catch (JsonException error)
        {
            // The exception's own message may quote the body.
            throw EngineException.Invalid("The body is not JSON, or a field has the wrong type.", FieldOf(error.Path));
        }
        catch (InvalidOperationException)
        {
            throw EngineException.Invalid("The body has text that is not Unicode.", "");
        }
    }

    // "$.messages[0].role" → "messages"
    private static string FieldOf(string? path) => path is { Length: > 2 } ? path[2..].Split('.', '[')[0] : "";

    private static void RefuseUnsupported(RequestBody body)
    {
        Support(!IsFilled(body.Functions), "functions", "This model calls functions as tools only.");
        Support(!IsFilled(body.Suffix), "suffix", "This model writes no text before a suffix.");
        Support(body.Echo is null or false, "echo", "This model does not echo prompts.");
        Support(body.BestOf is null || body.BestOf == (body.N ?? 1), "best_of", "This model has no best_of.");
    }

    private static bool IsFilled(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => false,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.String => !value.ValueEquals(""),
        _ => true,
    };

    private static bool InRange(float? value, float least, float most) => value is null || (value >= least && value <= most);

    private static void Check(bool holds, string param, string message)
    {
        if (!holds)
        {
            throw EngineException.Invalid(message, param);
        }
    }

    private static void Support(bool holds, string param, string message)
    {
        if (!holds)
        {
            throw EngineException.Unsupported(message, param);
        }
    }
}
