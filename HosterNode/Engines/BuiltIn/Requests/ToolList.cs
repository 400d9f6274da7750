using System.Text.Json;
using System.Text.RegularExpressions;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <param name="Name">What a call names.</param>
/// <param name="Function">As the request has it: name, description and parameters.</param>
/// <param name="Parameters">The schema of its arguments; null when it takes none.</param>
internal sealed record Tool(string Name, JsonElement Function, JsonElement? Parameters);

/// <summary>Reads the tools that a request offers, and which of them it wants called.</summary>
internal static partial class ToolList
{
    private const int MostTools = 128;

    public static IReadOnlyList<Tool> Read(JsonElement tools)
    {
        if (tools.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return [];
        }

        var read = tools.ValueKind == JsonValueKind.Array && tools.GetArrayLength() <= MostTools
            ? tools.EnumerateArray().Select(ReadTool).ToArray()
            : throw EngineException.Invalid($"tools must be a list of at most {MostTools}.", "tools");
        return read.DistinctBy(tool => tool.Name).Count() == read.Length
            ? read
            : throw EngineException.Invalid("tools has two functions of the same name.", "tools");
    }

    /// <summary>What <c>tool_choice</c> says of them.</summary>
    public static ToolChoice Choose(JsonElement choice, IReadOnlyList<Tool> tools)
    {
        if (choice.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return new ToolChoice(tools, MustCall: false, MayCallSeveral: true);
        }

        if (choice.ValueKind == JsonValueKind.String)
        {
            return Mode(choice, tools);
        }

        return choice.GetText("type") switch
        {
            "function" => new ToolChoice([Named(choice.GetMember("function"), tools)], MustCall: true, MayCallSeveral: false),
            "allowed_tools" => Allowed(choice.GetMember("allowed_tools"), tools),
            _ => throw EngineException.Unsupported("tool_choice is of a type that this model does not know.", "tool_choice"),
        };
    }

    private static ToolChoice Allowed(JsonElement allowed, IReadOnlyList<Tool> tools)
    {
        var listed = allowed.GetMember("tools") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : throw Wrong();
        return Mode(allowed.GetMember("mode"), [.. listed.Select(tool => Named(tool.GetMember("function"), tools)).Distinct()]);
    }

    private static ToolChoice Mode(JsonElement mode, IReadOnlyList<Tool> tools) =>
        mode.ValueKind != JsonValueKind.String ? throw Wrong()
            : mode.ValueEquals("none") ? new ToolChoice([], MustCall: false, MayCallSeveral: false)
            : mode.ValueEquals("auto") ? new ToolChoice(tools, MustCall: false, MayCallSeveral: true)
            : mode.ValueEquals("required") && tools.Count > 0 ? new ToolChoice(tools, MustCall: true, MayCallSeveral: true)
            : throw Wrong();

    private static Tool Named(JsonElement function, IReadOnlyList<Tool> tools) =>
        tools.FirstOrDefault(tool => tool.Name == function.GetText("name")) ?? throw Wrong();

    private static Tool ReadTool(JsonElement tool)
    {
        if (tool.GetText("type") is { } type && type != "function")
        {
            throw EngineException.Unsupported("This model calls functions only.", "tools");
        }

        var function = tool.GetMember("function");
        var name = function.GetText("name");
        var parameters = function.GetMember("parameters");
        return name is not null && NameShape().IsMatch(name)
            ? new Tool(name, function, parameters.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : parameters)
            : throw EngineException.Invalid("tools has a function whose name is not 1 to 64 letters, digits, dashes and underscores.", "tools");
    }

    private static EngineException Wrong() => EngineException.Invalid("tool_choice must be none, auto, required, or name functions of tools.", "tool_choice");

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex NameShape();
}

/// <param name="Tools">Those that may be called.</param>
/// <param name="MustCall">The answer is a call, not text.</param>
/// <param name="MayCallSeveral">There may be more than one, if the request has nothing against it.</param>
internal readonly record struct ToolChoice(IReadOnlyList<Tool> Tools, bool MustCall, bool MayCallSeveral);
