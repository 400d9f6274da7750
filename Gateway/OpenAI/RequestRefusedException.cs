namespace ComputeShare.Gateway.OpenAI;

/// <summary>The request is wrong; the caller is told how. Never carries what the caller wrote, but field names.</summary>
internal sealed class RequestRefusedException(OpenAIError error) : Exception(error.Message)
{
    private const int MostShownOfAName = 64;

    public OpenAIError Error => error;

    /// <summary>A field's name as an error repeats it: it may be as long as the body.</summary>
    public static string Shown(string name) => name.Length <= MostShownOfAName ? name : name[..MostShownOfAName];

    public static RequestRefusedException For(string param, string rule) => new(OpenAIError.Invalid($"Invalid '{param}': {rule}.", param));

    public static RequestRefusedException Missing(string param) =>
        new(OpenAIError.Invalid($"Missing required parameter: '{param}'.", param));

    public static RequestRefusedException Unsupported(string param) => new(OpenAIError.Unsupported(param));
}
