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
        if (request.Stop.Count > MaxStops || request.Stop.Any(stop => stop.Length == 0))
        {
            throw EngineException.Invalid($"stop must be at most {MaxStops} texts, none of them empty.", "stop");
        }

        return request.WorkCase switch
        {
            GenerateRequest.WorkOneofCase.Chat => ReadChat(request, model),
            GenerateRequest.WorkOneofCase.Completion => ReadCompletion(request, model),
            _ => throw EngineException.Invalid("The request has no work.", ""),
        };
    }

    private static Generation ReadChat(GenerateRequest request, BuiltInModel model)
    {
        var body = BodyReader.Read(request.Chat.Body.Memory);
        var tools = ToolList.Choose(body.ToolChoice, ToolList.Read(body.Tools));
        var prompt = model.Prompts.Chat(body.Messages, tools.Tools);
        return Read(request, model, body, [prompt], "messages", OutputReader.Read(body, tools, model.Vocabulary.ToolCall is not null));
    }

    private static Generation ReadCompletion(GenerateRequest request, BuiltInModel model)
    {
        var body = BodyReader.Read(request.Completion.Body.Memory);
        return Read(request, model, body, TextList.Read(body.Prompt, model, "prompt"), "prompt", OutputForm.Text);
    }

    private static Generation Read(
        GenerateRequest request, BuiltInModel model, RequestBody body, List<int>[] prompts, string param, OutputForm form)
    {
        var slots = (int)Math.Max(1, request.Slots);
        if (slots % prompts.Length != 0 || (body.N is { } n && n != slots / prompts.Length))
        {
            throw EngineException.Invalid($"n, for each prompt, must be the number of slots of the lease, which is {slots}.", "n");
        }

        return new Generation(
            [.. prompts.Select(prompt => ReadPrompt(request, prompt, model, param))],
            slots / prompts.Length,
            request.Stop,
            ReadSampling(body, model),
            body.MinTokens ?? 0,
            ReadLogprobs(body),
            form);
    }

    private static Prompt ReadPrompt(GenerateRequest request, List<int> tokens, BuiltInModel model, string param)
    {
        var length = tokens.Count;
        AppendContinuation(request, tokens, model);
        return new Prompt(tokens, length, FitMaxTokens(request, tokens.Count, model.Transformer.Shape.ContextLength, param));
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
        else if (continuation.TokenIds.All(id => id < model.Tokenizer.VocabularySize && (model.Tokenizer.IsText((int)id) || id == model.Vocabulary.ToolCall)))
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
