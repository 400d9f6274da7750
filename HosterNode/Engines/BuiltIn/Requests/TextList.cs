using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>Reads the texts of completions and embeddings: one or many, each as text or as token ids.</summary>
internal static class TextList
{
    /// <summary>The tokens of each.</summary>
    public static List<int>[] Read(JsonElement texts, BuiltInModel model, string param) =>
        IsList(texts, param) ? [.. texts.EnumerateArray().Select(text => ReadOne(text, model, param))] : [ReadOne(texts, model, param)];

    private static bool IsList(JsonElement texts, string param) => texts.ValueKind == JsonValueKind.Array
        && (texts.GetArrayLength() > 0 ? texts[0].ValueKind != JsonValueKind.Number : throw EngineException.Invalid($"{param} must not be empty.", param));

    private static List<int> ReadOne(JsonElement text, BuiltInModel model, string param)
    {
        var tokens = new List<int>();
        if (text.ValueKind == JsonValueKind.Array)
        {
            tokens.AddRange(text.EnumerateArray().Select(id => ReadId(id, model, param)));
        }
        else
        {
            model.Prompts.Append(BodyReader.ReadText(text, param), tokens, param);
        }

        return tokens.Count > 0 ? tokens : [model.Prompts.Nothing];
    }

    private static int ReadId(JsonElement element, BuiltInModel model, string param) => element.ValueKind == JsonValueKind.Number
        && element.TryGetInt32(out var id) && id >= 0 && id < model.Tokenizer.VocabularySize
        ? id
        : throw EngineException.Invalid($"{param} has a token id that this model's vocabulary lacks.", param);
}
