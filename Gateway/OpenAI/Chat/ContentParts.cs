using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>Writes the parts that a message's content may have, as chat names them.</summary>
internal sealed class ContentParts(Utf8JsonWriter output, PromptMeter meter, RequiredCapabilities required)
{
    private static readonly string[] Details = ["auto", "low", "high"];

    public void WriteText(string text)
    {
        output.WriteStartObject();
        output.WriteString("type", "text");
        output.WriteString("text", meter.Text(text));
        output.WriteEndObject();
    }

    /// <param name="url">A <c>data:</c> URL.</param>
    /// <param name="detail">Null: not said.</param>
    /// <param name="param">The field that has the image.</param>
    public void WriteImage(string url, string? detail, string param)
    {
        if (detail is not null && !Details.Contains(detail))
        {
            throw RequestRefusedException.For($"{param}.detail", $"it must be one of {string.Join(", ", Details)}");
        }

        meter.Image();
        required.Add("images", param);
        output.WriteStartObject();
        output.WriteString("type", "image_url");
        output.WriteStartObject("image_url");
        output.WriteString("url", DataImage.Check(url, param));
        if (detail is not null)
        {
            output.WriteString("detail", detail);
        }

        output.WriteEndObject();
        output.WriteEndObject();
    }

    /// <summary>One of chat's own parts.</summary>
    public void WritePart(JsonElement part, string role, string param)
    {
        var type = part.ReadObject(param).Required("type", param).ReadString($"{param}.type");
        switch (type)
        {
            case "text":
                WriteText(part.Required("text", param).ReadString($"{param}.text"));
                break;
            case "refusal" when role == "assistant":
                WriteText(part.Required("refusal", param).ReadString($"{param}.refusal"));
                break;
            case "image_url" when role == "user":
                WriteImageUrl(part, $"{param}.image_url");
                break;
            default:
                throw RequestRefusedException.Unsupported($"{param}.{(type is "image_url" or "input_audio" or "file" ? type : "type")}");
        }
    }

    private void WriteImageUrl(JsonElement part, string param)
    {
        var image = part.TryGetProperty("image_url", out var value) ? value.ReadObject(param) : throw RequestRefusedException.Missing(param);
        var url = image.TryGetProperty("url", out var text) ? text.ReadString(param) : throw RequestRefusedException.Missing(param);
        WriteImage(url, image.Optional("detail")?.ReadString($"{param}.detail"), param);
    }
}
