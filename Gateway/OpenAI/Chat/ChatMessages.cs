using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>Checks the messages and writes them again with nothing in them but what is known.</summary>
internal sealed class ChatMessages(Utf8JsonWriter output, PromptMeter meter, RequiredCapabilities required)
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];

    private readonly ContentParts _parts = new(output, meter, required);
    private readonly MessageToolCalls _calls = new(output, meter);

    public int Count { get; private set; }

    public void Write(JsonElement messages)
    {
        if (messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            throw RequestRefusedException.For("messages", "it must be an array with at least one message");
        }

        output.WriteStartArray("messages");
        foreach (var message in messages.EnumerateArray())
        {
            WriteMessage(message, $"messages[{Count}]");
            Count++;
        }

        _calls.RequireAnswered();
        output.WriteEndArray();
    }

    private void WriteMessage(JsonElement message, string param)
    {
        var role = message.ReadObject(param).Required("role", param).ReadString($"{param}.role");
        if (!Roles.Contains(role))
        {
            throw RequestRefusedException.For($"{param}.role", $"it must be one of {string.Join(", ", Roles)}");
        }

        if (role != "tool")
        {
            _calls.RequireAnswered();
        }

        meter.Message();
        output.WriteStartObject();
        output.WriteString("role", role);
        var hasContent = false;
        foreach (var field in message.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            hasContent |= WriteField(field, role, message.Optional("content") is not null, param);
        }

        if (!hasContent)
        {
            throw RequestRefusedException.Missing($"{param}.content");
        }

        if (role == "tool")
        {
            var answers = $"{param}.tool_call_id";
            _calls.Answer(message.Required("tool_call_id", param).ReadString(answers), answers);
        }

        output.WriteEndObject();
    }

    /// <returns>Whether the message says something by it.</returns>
    private bool WriteField(JsonProperty field, string role, bool hasContent, string param)
    {
        var fieldParam = $"{param}.{field.Name}";
        switch (field.Name)
        {
            case "content":
                WriteContent(field.Value, role, fieldParam);
                return true;
            case "name" when role != "tool":
                output.WriteString("name", meter.Text(field.Value.ReadString(fieldParam)));
                return false;
            case "tool_calls" when role == "assistant":
                return _calls.Write(field.Value, fieldParam);
            case "refusal" when role == "assistant" && !hasContent:
                output.WriteString("content", meter.Text(field.Value.ReadString(fieldParam)));
                return true;
            case "audio" or "function_call" or "tool_calls":
                throw RequestRefusedException.Unsupported(fieldParam);
            default:
                // Also what a client sends along with an earlier answer: its annotations, and thoughts, which templates leave out anyway.
                return false;
        }
    }

    private void WriteContent(JsonElement content, string role, string param)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                output.WriteString("content", meter.Text(content.GetString()!));
                break;
            case JsonValueKind.Array when content.GetArrayLength() > 0:
                output.WriteStartArray("content");
                var index = 0;
                foreach (var part in content.EnumerateArray())
                {
                    _parts.WritePart(part, role, $"{param}[{index++}]");
                }

                output.WriteEndArray();
                break;
            default:
                throw RequestRefusedException.For(param, "it must be a string or an array of content parts");
        }
    }
}
