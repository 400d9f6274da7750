using System.Text;
using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>Checks the messages and writes them again with nothing in them but what is known: role, text, name.</summary>
internal sealed class ChatMessages(Utf8JsonWriter output)
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant"];

    // What a client library sends along with an assistant's earlier answer, saying nothing.
    private static readonly string[] NullOnly = ["refusal", "audio", "function_call", "tool_calls", "annotations", "reasoning_content"];

    /// <summary>UTF-8 bytes of all text written so far.</summary>
    public long TextBytes { get; private set; }

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

        output.WriteEndArray();
    }

    private void WriteMessage(JsonElement message, string param)
    {
        message.ReadObject(param);
        output.WriteStartObject();
        output.WriteString("role", Role(message, param));
        var hasContent = false;
        foreach (var field in message.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            switch (field.Name)
            {
                case "role":
                    break;
                case "content":
                    hasContent = true;
                    WriteContent(field.Value, $"{param}.content");
                    break;
                case "name":
                    output.WriteString("name", Counted(field.Value.ReadString($"{param}.name")));
                    break;
                default:
                    RefuseUnlessEmpty(field, param);
                    break;
            }
        }

        if (!hasContent)
        {
            throw RequestRefusedException.Missing($"{param}.content");
        }

        output.WriteEndObject();
    }

    private static string Role(JsonElement message, string param)
    {
        if (!message.TryGetProperty("role", out var value))
        {
            throw RequestRefusedException.Missing($"{param}.role");
        }

        var role = value.ReadString($"{param}.role");
        return Roles.Contains(role) ? role : throw RequestRefusedException.For($"{param}.role", $"it must be one of {string.Join(", ", Roles)}");
    }

    private void WriteContent(JsonElement content, string param)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                output.WriteString("content", Counted(content.GetString()!));
                break;
            case JsonValueKind.Array when content.GetArrayLength() > 0:
                output.WriteStartArray("content");
                var index = 0;
                foreach (var part in content.EnumerateArray())
                {
                    WritePart(part, $"{param}[{index++}]");
                }

                output.WriteEndArray();
                break;
            default:
                throw RequestRefusedException.For(param, "it must be a string or an array of content parts");
        }
    }

    private void WritePart(JsonElement part, string param)
    {
        part.ReadObject(param);
        var type = part.TryGetProperty("type", out var value) ? value.ReadString($"{param}.type") : throw RequestRefusedException.Missing($"{param}.type");
        if (type != "text")
        {
            throw RequestRefusedException.Unsupported($"{param}.{(type is "image_url" or "input_audio" or "file" ? type : "type")}");
        }

        if (!part.TryGetProperty("text", out var text))
        {
            throw RequestRefusedException.Missing($"{param}.text");
        }

        output.WriteStartObject();
        output.WriteString("type", "text");
        output.WriteString("text", Counted(text.ReadString($"{param}.text")));
        output.WriteEndObject();
    }

    private static void RefuseUnlessEmpty(JsonProperty field, string param)
    {
        var empty = field.Value.ValueKind == JsonValueKind.Array && field.Value.GetArrayLength() == 0;
        if (NullOnly.Contains(field.Name) && !empty)
        {
            throw RequestRefusedException.Unsupported($"{param}.{field.Name}");
        }
    }

    private string Counted(string text)
    {
        TextBytes += Encoding.UTF8.GetByteCount(text);
        return text;
    }
}
