using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>Whether the model calls: a mode, or the one function that it must call.</summary>
internal sealed record ToolChoice(string Mode, string? Function)
{
    private const string Param = "tool_choice";

    private static readonly string[] Modes = ["none", "auto", "required"];

    /// <param name="choice">A mode, or an object that names a function.</param>
    /// <param name="name">Where in such an object the function's name is.</param>
    public static ToolChoice Read(JsonElement choice, Func<JsonElement, JsonElement> name)
    {
        if (choice.ValueKind != JsonValueKind.Object)
        {
            var mode = choice.ReadString(Param);
            return Modes.Contains(mode)
                ? new ToolChoice(mode, null)
                : throw RequestRefusedException.For(Param, $"it must be one of {string.Join(", ", Modes)}, or name a function");
        }

        return choice.Required("type", Param).ReadString($"{Param}.type") == "function"
            ? new ToolChoice("function", name(choice).ReadString($"{Param}.name"))
            : throw RequestRefusedException.Unsupported($"{Param}.type");
    }

    public void Write(Utf8JsonWriter output, IReadOnlyList<FunctionTool> tools)
    {
        if (Function is null)
        {
            output.WriteString(Param, Mode);
            return;
        }

        if (!tools.Any(tool => tool.Name == Function))
        {
            throw RequestRefusedException.For(Param, "the function is none of 'tools'");
        }

        output.WriteStartObject(Param);
        output.WriteString("type", "function");
        output.WriteStartObject("function");
        output.WriteString("name", Function);
        output.WriteEndObject();
        output.WriteEndObject();
    }
}
