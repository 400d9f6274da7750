using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>The calls in earlier answers: each is answered, once, by the tool messages that follow it.</summary>
internal sealed class MessageToolCalls(Utf8JsonWriter output, PromptMeter meter)
{
    private readonly HashSet<string> _open = [];
    private string _openParam = "";

    /// <returns>False: there are none.</returns>
    public bool Write(JsonElement calls, string param)
    {
        if (calls.ValueKind != JsonValueKind.Array)
        {
            throw RequestRefusedException.For(param, "it must be an array");
        }

        if (calls.GetArrayLength() == 0)
        {
            return false;
        }

        output.WriteStartArray("tool_calls");
        var index = 0;
        foreach (var call in calls.EnumerateArray())
        {
            WriteCall(call, $"{param}[{index++}]");
        }

        output.WriteEndArray();
        return true;
    }

    /// <summary>In a tool message: writes which call it answers.</summary>
    public void Answer(string id, string param)
    {
        if (!_open.Remove(id))
        {
            throw RequestRefusedException.For(param, "it must name a call before it that is not answered yet");
        }

        output.WriteString("tool_call_id", id);
    }

    public void RequireAnswered()
    {
        if (_open.Count > 0)
        {
            throw RequestRefusedException.For(_openParam, "each call must be answered by what follows it");
        }
    }

    /// <param name="id">Names the call in its answer.</param>
    /// <param name="name">The function.</param>
    /// <param name="arguments">JSON, as the model wrote it.</param>
    /// <param name="param">The field that has the call.</param>
    public void WriteCall(string id, string name, string arguments, string param)
    {
        _openParam = _open.Count == 0 ? param : _openParam;
        if (!_open.Add(id))
        {
            throw RequestRefusedException.For(param, "two calls have the same id");
        }

        output.WriteStartObject();
        output.WriteString("id", id);
        output.WriteString("type", "function");
        output.WriteStartObject("function");
        output.WriteString("name", meter.Text(name));
        output.WriteString("arguments", meter.Text(arguments));
        output.WriteEndObject();
        output.WriteEndObject();
    }

    private void WriteCall(JsonElement call, string param)
    {
        var id = call.ReadObject(param).Required("id", param).ReadString($"{param}.id");
        if (call.Optional("type") is { } type && type.ReadString($"{param}.type") != "function")
        {
            throw RequestRefusedException.Unsupported($"{param}.type");
        }

        var function = call.Required("function", param).ReadObject($"{param}.function");
        WriteCall(
            id,
            function.Required("name", $"{param}.function").ReadString($"{param}.function.name"),
            function.Required("arguments", $"{param}.function").ReadString($"{param}.function.arguments"),
            param);
    }
}
