using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>What is asked for: <c>model</c>, and <c>models</c> as its fallbacks.</summary>
internal sealed class ModelFields
{
    private const int MostModels = 8;
    private const int MostCharacters = 256;

    private string? _model;
    private IReadOnlyList<string> _models = [];

    /// <returns>False: not one of these.</returns>
    public bool TryRead(JsonProperty field)
    {
        switch (field.Name)
        {
            case "model":
                _model = Check(field.Value.ReadString("model"), "model");
                return true;
            case "models":
                _models = ReadModels(field.Value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>At least one, best first.</summary>
    public IReadOnlyList<string> Finish()
    {
        IReadOnlyList<string> all = [.. (_model is null ? _models : _models.Prepend(_model)).Distinct()];
        return all.Count > 0 ? all : throw RequestRefusedException.Missing("model");
    }

    private static IReadOnlyList<string> ReadModels(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MostModels)
        {
            throw RequestRefusedException.For("models", $"it must be an array of at most {MostModels} names");
        }

        return [.. value.ReadStrings("models").Select((model, index) => Check(model, $"models[{index}]"))];
    }

    private static string Check(string model, string param) =>
        model.Length is 0 or > MostCharacters || model.Any(char.IsControl)
            ? throw RequestRefusedException.For(param, $"it must have 1 to {MostCharacters} characters")
            : model;
}
