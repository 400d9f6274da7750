using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.OpenAI.Requests;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>One request for embeddings: some inputs at a time, so that no answer of the engine is too large to hold.</summary>
internal sealed class EmbeddingRun(EngineClient client, EmbeddingInputs work, ILogger log)
{
    private const int InputsPerAnswer = 16;

    // Of sixteen vectors of some thousand numbers.
    private const int MostAnswerBytes = 16 << 20;

    /// <exception cref="EngineException">It failed.</exception>
    public async IAsyncEnumerable<Frame> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        uint tokens = 0;
        for (var first = 0; first < work.Count; first += InputsPerAnswer)
        {
            var count = Math.Min(InputsPerAnswer, work.Count - first);
            var answer = await AskAsync(work.Write(first, count), cancellationToken);
            if (first == 0)
            {
                yield return new Frame { Started = new Started() };
            }

            tokens += (uint)(answer.Get("usage").Get("prompt_tokens").Count() ?? 0);
            foreach (var vector in Read(answer, first, count))
            {
                yield return new Frame { Delta = vector };
            }
        }

        yield return new Frame { Finished = new Finished { Usage = new EngineUsage { PromptTokens = tokens } } };
    }

    private async Task<JsonElement> AskAsync(byte[] body, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.PostAsync(EnginePaths.Embeddings, body, "application/json", cancellationToken);
            var json = await EngineClient.ReadJsonAsync(response, MostAnswerBytes, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                OpenAIEngineLog.EngineRefused(log, work.RequestId, (int)response.StatusCode);
                throw EngineFailures.OfStatus(response.StatusCode, json ?? default, work);
            }

            return json ?? throw EngineFailures.Malformed();
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && error is HttpRequestException or IOException or OperationCanceledException)
        {
            throw EngineFailures.Lost();
        }
    }

    private static Delta[] Read(JsonElement answer, int first, int count)
    {
        var vectors = new Delta?[count];
        var next = 0;
        foreach (var entry in answer.Get("data").Items())
        {
            var index = entry.Get("index").Count() ?? next;
            if (index >= count || vectors[index] is not null)
            {
                throw EngineFailures.Malformed();
            }

            var vector = new Delta { ChoiceIndex = (uint)(first + index) };
            vector.Embedding.AddRange(entry.Get("embedding").Items().Select(Number));
            vectors[index] = vector;
            next = index + 1;
        }

        var whole = vectors.OfType<Delta>().Where(vector => vector.Embedding.Count > 0).ToArray();
        return whole.Length == count ? whole : throw EngineFailures.Malformed();
    }

    private static float Number(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number)
        ? number
        : throw EngineFailures.Malformed();
}
