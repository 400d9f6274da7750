using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn.Sampling;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>Reads a request into a <see cref="Generation"/>, or says what is wrong with it.</summary>
internal static class GenerationReader
{
    private const int MaxStops = 4;

    /// <exception cref="EngineException">The request is wrong, too long, or asks for what this engine cannot do.</exception>
    public static Generation Read(GenerateRequest request, BuiltInModel model)
    {
        var choices = (int)Math.Max(1, request.Slots);
        var (body, context, param) = request.WorkCase switch
        {
            GenerateRequest.WorkOneofCase.Chat => ReadChat(request.Chat.Body.Memory, choices, model),
            GenerateRequest.WorkOneofCase.Completion => ReadCompletion(request.Completion.Body.Memory, choices, model),
            GenerateRequest.WorkOneofCase.Embedding => throw EngineException.Unsupported("This model makes no embeddings.", "model"),
            _ => throw EngineException.Invalid("The request has no work.", ""),
        };
        if (request.Stop.Count > MaxStops || request.Stop.Any(stop => stop.Length == 0))
        {
            throw EngineException.Invalid($"stop must be at most {MaxStops} texts, none of them empty.", "stop");
        }

        var promptLength = context.Count;
        AppendContinuation(request, context, model);
        return new Generation(
            context,
            promptLength,
            choices,
            FitMaxTokens(request, context.Count, model.Transformer.Shape.ContextLength, param),
            request.Stop,
            ReadSampling(body, model),
            ReadLogprobs(body));
    }

    private static (RequestBody Body, List<int> Prompt, string Param) ReadChat(ReadOnlyMemory<byte> json, int choices, BuiltInModel model)
    {
        var body = BodyReader.Read(json, choices);
        return (body, model.Prompts.Chat(body), "messages");
    }

    private static (RequestBody Body, List<int> Prompt, string Param) ReadCompletion(ReadOnlyMemory<byte> json, int choices, BuiltInModel model)
    {
        var body = BodyReader.Read(json, choices);
        return (body, model.Prompts.Completion(body), "prompt");
    }

    private static void AppendContinuation(GenerateRequest request, List<int> context, BuiltInModel model)
    {
        if (request.Continuation is not { } continuation)
        {
            return;
        }

        if (request.Slots > 1)
        {
            throw EngineException.Invalid("Only a request of one choice can be continued.", "n");
        }

        if (continuation.TokenIds.Count == 0)
        {
            model.Prompts.Append(continuation.Text, context, "messages");
        }
        else if (continuation.TokenIds.All(id => id < model.Tokenizer.VocabularySize && model.Tokenizer.IsText((int)id)))
        {
            context.AddRange(continuation.TokenIds.Select(id => (int)id));
        }
        else
        {
            throw EngineException.Invalid("The continuation has token ids that are not text of this model.", "");
        }
    }

    private static int FitMaxTokens(GenerateRequest request, int used, int contextLength, string param)
    {
        var room = contextLength - used;
        var wanted = request.MaxTokens == 0 ? Math.Max(1, room) : (int)Math.Min(request.MaxTokens, int.MaxValue);
        return wanted <= room ? wanted : throw EngineException.Overflow(used, wanted, contextLength, param);
    }

    private static SamplingSettings ReadSampling(RequestBody body, BuiltInModel model) => new(
        body.Temperature ?? 1,
        body.TopP ?? 1,
        Math.Max(0, body.TopK ?? 0),
        body.MinP ?? 0,
        body.PresencePenalty ?? 0,
        body.FrequencyPenalty ?? 0,
        ReadBias(body.LogitBias, model.Tokenizer.VocabularySize),
        body.Seed is { } seed ? unchecked((ulong)seed) : NewSeed());

    private static Dictionary<int, float> ReadBias(Dictionary<string, float>? bias, int vocabularySize)
    {
        var result = new Dictionary<int, float>();
        foreach (var (key, value) in bias ?? [])
        {
            var valid = int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id < vocabularySize
                && value is >= -100 and <= 100;
            result[id] = valid
                ? value
                : throw EngineException.Invalid("logit_bias must map token ids of this model to numbers from -100 to 100.", "logit_bias");
        }

        return result;
    }

    private static int? ReadLogprobs(RequestBody body) => body.Logprobs.ValueKind switch
    {
        JsonValueKind.True => body.TopLogprobs ?? 0,
        // Completions ask with a number.
        JsonValueKind.Number => body.Logprobs.TryGetInt32(out var top) && top is >= 0 and <= 5
            ? top
            : throw EngineException.Invalid("logprobs must be from 0 to 5.", "logprobs"),
        JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False => null,
        _ => throw EngineException.Invalid("logprobs must be true, false or a number.", "logprobs"),
    };

    private static ulong NewSeed()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
