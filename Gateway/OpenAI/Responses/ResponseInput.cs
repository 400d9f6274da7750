using System.Text.Json;
using ComputeShare.Gateway.OpenAI.Chat;

namespace ComputeShare.Gateway.OpenAI.Responses;

/// <summary>
/// Writes a response's input as chat messages. Calls belong to the assistant's message before them, or to one of their own; what is
/// open is closed by the item that does not belong to it.
/// </summary>
internal sealed class ResponseInput(Utf8JsonWriter output, PromptMeter meter, RequiredCapabilities required)
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant"];

    private readonly ContentParts _parts = new(output, meter, required);
    private readonly MessageToolCalls _calls = new(output, meter);
    private bool _inAssistant;
    private bool _inCalls;

    public void Write(JsonElement input, string? instructions)
    {
        output.WriteStartArray("messages");
        if (instructions is not null)
        {
            WriteText("system", instructions);
        }

        if (input.ValueKind == JsonValueKind.String)
        {
            WriteText("user", input.GetString()!);
        }
        else
        {
            WriteItems(input);
        }

        output.WriteEndArray();
    }

    private void WriteItems(JsonElement input)
    {
        if (input.ValueKind != JsonValueKind.Array || input.GetArrayLength() == 0)
        {
            throw RequestRefusedException.For("input", "it must be a string or an array with at least one item");
        }

        var index = 0;
        foreach (var item in input.EnumerateArray())
        {
            WriteItem(item, $"input[{index++}]");
        }

        Close();
        _calls.RequireAnswered();
    }

    private void WriteItem(JsonElement item, string param)
    {
        var type = item.ReadObject(param).Optional("type")?.ReadString($"{param}.type") ?? "message";
        switch (type)
        {
            case "message":
                Close();
                _calls.RequireAnswered();
                WriteMessage(item, param);
                break;
            case "function_call":
                WriteCall(item, param);
                break;
            case "function_call_output":
                Close();
                WriteCallOutput(item, param);
                break;
            case "reasoning":
                // Thoughts of an earlier answer, which templates leave out anyway.
                break;
            default:
                throw RequestRefusedException.Unsupported($"{param}.type");
        }
    }

    private void WriteMessage(JsonElement item, string param)
    {
        var role = item.Required("role", param).ReadString($"{param}.role");
        if (!Roles.Contains(role))
        {
            throw RequestRefusedException.For($"{param}.role", $"it must be one of {string.Join(", ", Roles)}");
        }

        Begin(role);
        WriteContent(item.Required("content", param), role, $"{param}.content");
        if (role == "assistant")
        {
            _inAssistant = true;
        }
        else
        {
            output.WriteEndObject();
        }
    }

    private void WriteCall(JsonElement item, string param)
    {
        if (!_inAssistant)
        {
            _calls.RequireAnswered();
            Begin("assistant");
            _inAssistant = true;
        }

        if (!_inCalls)
        {
            output.WriteStartArray("tool_calls");
            _inCalls = true;
        }

        _calls.WriteCall(
            item.Required("call_id", param).ReadString($"{param}.call_id"),
            item.Required("name", param).ReadString($"{param}.name"),
            item.Required("arguments", param).ReadString($"{param}.arguments"),
            $"{param}.call_id");
    }

    private void WriteCallOutput(JsonElement item, string param)
    {
        Begin("tool");
        WriteContent(item.Required("output", param), "tool", $"{param}.output");
        _calls.Answer(item.Required("call_id", param).ReadString($"{param}.call_id"), $"{param}.call_id");
        output.WriteEndObject();
    }

    private void WriteContent(JsonElement content, string role, string param)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            output.WriteString("content", meter.Text(content.GetString()!));
            return;
        }

        if (content.ValueKind != JsonValueKind.Array || content.GetArrayLength() == 0)
        {
            throw RequestRefusedException.For(param, "it must be a string or an array of content parts");
        }

        output.WriteStartArray("content");
        var index = 0;
        foreach (var part in content.EnumerateArray())
        {
            WritePart(part, role, $"{param}[{index++}]");
        }

        output.WriteEndArray();
    }

    private void WritePart(JsonElement part, string role, string param)
    {
        var type = part.ReadObject(param).Required("type", param).ReadString($"{param}.type");
        switch (type)
        {
            case "input_text" or "output_text" or "text":
                _parts.WriteText(part.Required("text", param).ReadString($"{param}.text"));
                break;
            case "refusal" when role == "assistant":
                _parts.WriteText(part.Required("refusal", param).ReadString($"{param}.refusal"));
                break;
            case "input_image" when role == "user" && part.Optional("file_id") is null:
                var url = part.Required("image_url", param).ReadString($"{param}.image_url");
                _parts.WriteImage(url, part.Optional("detail")?.ReadString($"{param}.image_url.detail"), $"{param}.image_url");
                break;
            default:
                throw RequestRefusedException.Unsupported($"{param}.type");
        }
    }

    private void WriteText(string role, string text)
    {
        Begin(role);
        output.WriteString("content", meter.Text(text));
        output.WriteEndObject();
    }

    private void Begin(string role)
    {
        meter.Message();
        output.WriteStartObject();
        output.WriteString("role", role);
    }

    private void Close()
    {
        if (_inCalls)
        {
            output.WriteEndArray();
        }

        if (_inAssistant)
        {
            output.WriteEndObject();
        }

        _inCalls = _inAssistant = false;
    }
}
