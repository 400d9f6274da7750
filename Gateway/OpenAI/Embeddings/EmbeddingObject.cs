using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Json;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.OpenAI.Embeddings;

/// <summary>The vectors, as numbers or as base64 of little-endian float32, vector by vector: all of them as text would be large.</summary>
internal sealed class EmbeddingObject(CompletionContext context) : IObjectFormat
{
    // No choices: vectors are kept by the context.
    public async Task WriteAsync(PipeWriter output, IReadOnlyList<CollectedChoice> choices, CancellationToken cancellationToken)
    {
        await using (var json = new Utf8JsonWriter(output, OpenAIJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            for (var index = 0; index < context.Vectors.Count; index++)
            {
                WriteVector(json, index);
                json.Flush();
                await output.FlushAsync(cancellationToken);
            }

            json.WriteEndArray();
            json.WriteString("model", context.Request.Model);
            json.WriteStartObject("usage");
            json.WriteNumber("prompt_tokens", context.PromptTokens);
            json.WriteNumber("total_tokens", context.PromptTokens);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        await output.FlushAsync(cancellationToken);
    }

    private void WriteVector(Utf8JsonWriter json, int index)
    {
        json.WriteStartObject();
        json.WriteString("object", "embedding");
        json.WriteNumber("index", index);
        if (context.Request.Embeddings!.Base64)
        {
            WriteBase64(json, context.Vectors[index]);
        }
        else
        {
            json.WriteStartArray("embedding");
            foreach (var number in context.Vectors[index])
            {
                json.WriteNumberValue(number);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteBase64(Utf8JsonWriter json, IReadOnlyList<float> vector)
    {
        var length = vector.Count * sizeof(float);
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        for (var index = 0; index < vector.Count; index++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index * sizeof(float)), vector[index]);
        }

        json.WriteBase64String("embedding", bytes.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
