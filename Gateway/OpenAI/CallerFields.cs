using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>What a caller tells of itself. It changes no answer, so it is checked and goes nowhere.</summary>
internal static class CallerFields
{
    private const int MostMetadata = 16;
    private const int MostMetadataNameCharacters = 64;
    private const int MostMetadataCharacters = 512;
    private const int MostIdCharacters = 1024;

    /// <returns>False: not one of these.</returns>
    public static bool TryRead(JsonProperty field)
    {
        var (name, value) = (field.Name, field.Value);
        switch (name)
        {
            case "user" or "safety_identifier" or "prompt_cache_key":
                if (value.ReadString(name).Length > MostIdCharacters)
                {
                    throw RequestRefusedException.For(name, $"at most {MostIdCharacters} characters are accepted");
                }

                return true;
            case "metadata":
                ReadMetadata(value);
                return true;
            default:
                return false;
        }
    }

    private static void ReadMetadata(JsonElement value)
    {
        var entries = value.ReadObject("metadata").EnumerateObject().ToArray();
        if (entries.Length > MostMetadata || !entries.All(IsSmallText))
        {
            throw RequestRefusedException.For(
                "metadata",
                $"it must be an object of at most {MostMetadata} strings, of at most {MostMetadataCharacters} characters under names of at most {MostMetadataNameCharacters}");
        }
    }

    private static bool IsSmallText(JsonProperty entry) =>
        entry.Name.Length <= MostMetadataNameCharacters
        && entry.Value.ValueKind == JsonValueKind.String
        && entry.Value.GetString()!.Length <= MostMetadataCharacters;
}
