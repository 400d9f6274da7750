using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>
/// What a model may call: collected field by field, in whatever order they come, and written for the node at the end.
/// </summary>
internal sealed class ToolFields(Utf8JsonWriter output, PromptMeter meter, RequiredCapabilities required)
{
    private const int MostTools = 128;

    private readonly List<FunctionTool> _tools = [];
    private ToolChoice? _choice;
    private bool? _parallel;

    /// <summary>The answer may have tool calls.</summary>
    public bool MayCall => _tools.Count > 0 && _choice?.Mode != "none";

    /// <param name="tools">The array.</param>
    /// <param name="read">From one of it to a function; refuses what is none.</param>
    public void ReadTools(JsonElement tools, Func<JsonElement, string, FunctionTool> read)
    {
        if (tools.ValueKind != JsonValueKind.Array || tools.GetArrayLength() > MostTools)
        {
            throw RequestRefusedException.For("tools", $"it must be an array of at most {MostTools} tools");
        }

        foreach (var element in tools.EnumerateArray())
        {
            var param = $"tools[{_tools.Count}]";
            var tool = read(element, param);
            if (_tools.Exists(other => other.Name == tool.Name))
            {
                throw RequestRefusedException.For(param, "two functions have the same name");
            }

            _tools.Add(tool);
        }
    }

    /// <param name="choice">A mode, or an object that names a function.</param>
    /// <param name="name">Where in such an object the function's name is.</param>
    public void ReadChoice(JsonElement choice, Func<JsonElement, JsonElement> name) => _choice = ToolChoice.Read(choice, name);

    public void ReadParallel(JsonElement parallel) => _parallel = parallel.ReadBoolean("parallel_tool_calls");

    public void Write()
    {
        if (_tools.Count == 0)
        {
            if (_choice is { Mode: not "none" })
            {
                throw RequestRefusedException.For("tool_choice", "it is only allowed with 'tools'");
            }

            return;
        }

        required.Add("tools", "tools");
        output.WriteStartArray("tools");
        foreach (var tool in _tools)
        {
            tool.Write(output, meter);
        }

        output.WriteEndArray();
        _choice?.Write(output, _tools);
        if (_parallel is { } parallel)
        {
            output.WriteBoolean("parallel_tool_calls", parallel);
        }
    }
}
