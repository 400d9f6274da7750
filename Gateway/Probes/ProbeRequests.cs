using System.Buffers;
using System.Text.Json;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Chat;

namespace ComputeShare.Gateway.Probes;

/// <summary>From a conversation to a request, by the way that every caller's body goes: what a node sees of it is written by the same hand.</summary>
internal static class ProbeRequests
{
    private const int TopLogprobs = 5;

    public static CompletionRequest Of(ProbeChat chat, ProbeShape shape, string model, ProbeAim aim) => Read(chat, shape, model) with { Aim = aim };

    /// <summary>The same question, to a hoster that is trusted.</summary>
    /// <param name="provider">Which hosters are.</param>
    public static CompletionRequest OfReference(ProbeChat chat, ProbeShape shape, string model, ProviderPreferences provider, ProbeAim aim) =>
        Read(chat, shape.OfReference(), model) with { Provider = provider, Aim = aim };

    private static CompletionRequest Read(ProbeChat chat, ProbeShape shape, string model)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, OpenAIJson.WriterOptions))
        {
            Write(json, chat, shape, model);
        }

        using var document = JsonDocument.Parse(body.WrittenMemory);
        return ChatRequestReader.Read(document.RootElement);
    }

    private static void Write(Utf8JsonWriter json, ProbeChat chat, ProbeShape shape, string model)
    {
        json.WriteStartObject();
        json.WriteStartArray("messages");
        foreach (var (role, content) in chat.Messages)
        {
            json.WriteStartObject();
            json.WriteString("role", role);
            json.WriteString("content", content);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("model", model);
        if (shape.HasLogprobs)
        {
            json.WriteBoolean("logprobs", true);
            json.WriteNumber("top_logprobs", TopLogprobs);
        }

        if (shape.MaxTokens is { } most)
        {
            json.WriteNumber("max_tokens", most);
        }

        if (shape.Temperature is { } temperature)
        {
            json.WriteNumber("temperature", temperature);
        }

        json.WriteBoolean("stream", shape.IsStreamed);
        json.WriteEndObject();
    }
}
