using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>A function that the model may call.</summary>
internal sealed record FunctionTool(string Name, string? Description, JsonElement? Parameters, bool? Strict)
{
    private const int MostNameCharacters = 64;

    /// <summary>Chat's shape: <c>{type, function: {name, …}}</c>.</summary>
    public static FunctionTool ReadNested(JsonElement tool, string param)
    {
        RequireFunction(tool, param);
        return Read(tool.Required("function", param), $"{param}.function");
    }

    /// <summary>The shape of responses: <c>{type, name, …}</c>.</summary>
    public static FunctionTool ReadFlat(JsonElement tool, string param)
    {
        RequireFunction(tool, param);
        return Read(tool, param);
    }

    public static string CheckName(string name, string param) =>
        name.Length is > 0 and <= MostNameCharacters && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-')
            ? name
            : throw RequestRefusedException.For(param, $"it must be 1 to {MostNameCharacters} of a-z, A-Z, 0-9, '_' and '-'");

    public void Write(Utf8JsonWriter output, PromptMeter meter)
    {
        // What a template puts around a tool is not more than what it puts around a message.
        meter.Message();
        output.WriteStartObject();
        output.WriteString("type", "function");
        output.WriteStartObject("function");
        output.WriteString("name", meter.Text(Name));
        if (Description is not null)
        {
            output.WriteString("description", meter.Text(Description));
        }

        if (Parameters is { } parameters)
        {
            meter.Json(parameters);
            output.WritePropertyName("parameters");
            parameters.WriteTo(output);
        }

        if (Strict is { } strict)
        {
            output.WriteBoolean("strict", strict);
        }

        output.WriteEndObject();
        output.WriteEndObject();
    }

    private static void RequireFunction(JsonElement tool, string param)
    {
        if (tool.ReadObject(param).Required("type", param).ReadString($"{param}.type") != "function")
        {
            throw RequestRefusedException.Unsupported($"{param}.type");
        }
    }

    private static FunctionTool Read(JsonElement function, string param) => new(
        CheckName(function.ReadObject(param).Required("name", param).ReadString($"{param}.name"), $"{param}.name"),
        function.Optional("description")?.ReadString($"{param}.description"),
        function.Optional("parameters")?.ReadObject($"{param}.parameters"),
        function.Optional("strict")?.ReadBoolean($"{param}.strict"));
}
