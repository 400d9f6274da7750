using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>The form that the answer must have, written for the node as chat's <c>response_format</c>.</summary>
internal static class OutputFormat
{
    /// <param name="format">An object with a <c>type</c>.</param>
    /// <param name="param">The field.</param>
    /// <param name="schemaIn">Where the schema's fields are: an object of its own in chat, the format itself in responses.</param>
    /// <param name="output">The node's body.</param>
    /// <param name="meter">Counts the schema.</param>
    /// <param name="required">What a node must be able to do.</param>
    public static void Write(
        JsonElement format, string param, string? schemaIn, Utf8JsonWriter output, PromptMeter meter, RequiredCapabilities required)
    {
        var type = format.ReadObject(param).Required("type", param).ReadString($"{param}.type");
        switch (type)
        {
            case "text":
                break;
            case "json_object":
                required.Add("json_object", param);
                output.WriteStartObject("response_format");
                output.WriteString("type", type);
                output.WriteEndObject();
                break;
            case "json_schema":
                required.Add("json_schema", param);
                output.WriteStartObject("response_format");
                output.WriteString("type", type);
                WriteSchema(
                    schemaIn is null ? format : format.Required(schemaIn, param).ReadObject($"{param}.{schemaIn}"),
                    schemaIn is null ? param : $"{param}.{schemaIn}",
                    output,
                    meter);
                output.WriteEndObject();
                break;
            default:
                throw RequestRefusedException.For($"{param}.type", "it must be one of text, json_object, json_schema");
        }
    }

    private static void WriteSchema(JsonElement format, string param, Utf8JsonWriter output, PromptMeter meter)
    {
        output.WriteStartObject("json_schema");
        output.WriteString("name", FunctionTool.CheckName(format.Required("name", param).ReadString($"{param}.name"), $"{param}.name"));
        if (format.Optional("description") is { } description)
        {
            output.WriteString("description", meter.Text(description.ReadString($"{param}.description")));
        }

        var schema = format.Required("schema", param).ReadObject($"{param}.schema");
        meter.Json(schema);
        output.WritePropertyName("schema");
        schema.WriteTo(output);
        if (format.Optional("strict") is { } strict)
        {
            output.WriteBoolean("strict", strict.ReadBoolean($"{param}.strict"));
        }

        output.WriteEndObject();
    }
}
