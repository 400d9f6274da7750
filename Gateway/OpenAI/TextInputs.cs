using System.Text.Json;
using ComputeShare.Gateway.Metering;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// Texts, or token ids, of which a caller may send one bare or several in an array. A node gets an array always.
/// </summary>
/// <param name="Count">How many.</param>
/// <param name="Prompt">What they are, to be counted.</param>
internal sealed record TextInputs(int Count, PromptText Prompt)
{
    /// <param name="value">A string, strings, ids, or arrays of ids.</param>
    /// <param name="param">The field.</param>
    /// <param name="most">How many are accepted.</param>
    /// <param name="mayBeEmpty">A text of no characters is one.</param>
    /// <param name="output">The node's body.</param>
    /// <param name="required">What a node must be able to do.</param>
    public static TextInputs Write(JsonElement value, string param, int most, bool mayBeEmpty, Utf8JsonWriter output, RequiredCapabilities required)
    {
        var inputs = Each(value, param);
        if (inputs.Length == 0 || inputs.Length > most)
        {
            throw RequestRefusedException.For(param, $"it must have 1 to {most} entries");
        }

        var areIds = inputs[0].ValueKind == JsonValueKind.Array;
        if (areIds)
        {
            required.Add("token_ids", param);
        }

        output.WriteStartArray(param);
        var texts = new List<string>();
        var sizes = new List<long>();
        for (var index = 0; index < inputs.Length; index++)
        {
            var name = inputs.Length == 1 ? param : $"{param}[{index}]";
            if (areIds)
            {
                sizes.Add(WriteIds(inputs[index], name, output));
            }
            else
            {
                texts.Add(WriteText(inputs[index], name, mayBeEmpty, output));
            }
        }

        output.WriteEndArray();
        return new TextInputs(inputs.Length, areIds ? PromptText.OfTokens(sizes) : PromptText.OfTexts(texts));
    }

    private static JsonElement[] Each(JsonElement value, string param) => value.ValueKind switch
    {
        JsonValueKind.String => [value],
        JsonValueKind.Array when value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Number => [value],
        JsonValueKind.Array => [.. value.EnumerateArray()],
        _ => throw RequestRefusedException.For(param, "it must be a string, an array of strings, or arrays of token ids"),
    };

    private static string WriteText(JsonElement value, string param, bool mayBeEmpty, Utf8JsonWriter output)
    {
        var text = value.ReadString(param);
        if (text.Length == 0 && !mayBeEmpty)
        {
            throw RequestRefusedException.For(param, "it must not be empty");
        }

        output.WriteStringValue(text);
        return text;
    }

    private static long WriteIds(JsonElement value, string param, Utf8JsonWriter output)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw RequestRefusedException.For(param, "it must be an array of at least one token id");
        }

        output.WriteStartArray();
        foreach (var id in value.EnumerateArray())
        {
            output.WriteNumberValue(id.ReadInteger(param, 0, int.MaxValue));
        }

        output.WriteEndArray();
        return value.GetArrayLength();
    }
}
