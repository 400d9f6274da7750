using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.OpenAI.Requests;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>One choice: one request to the engine, and its events until <c>[DONE]</c>. Leaving it closes the connection at once.</summary>
internal sealed class ChoiceStream(EngineClient client, EngineWork work, int choice, ILogger log)
{
    private readonly ChoiceDeltas _deltas = new(choice, work.AsksLogprobs);
    private FinishReason? _reason;

    /// <summary>As the engine reported it; null when it did not.</summary>
    public EngineUsage? Usage { get; private set; }

    public uint Tokens => _deltas.Tokens;

    /// <summary>Writes its deltas; <paramref name="onStarted"/> when the engine has taken the request.</summary>
    /// <exception cref="EngineException">It failed.</exception>
    public async Task<FinishReason> RunAsync(ChannelWriter<Frame> output, Func<ValueTask> onStarted, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.PostAsync(work.Path, work.Write(choice), "text/event-stream", cancellationToken);
            await RefuseFailureAsync(response, cancellationToken);
            await onStarted();
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await ReadAsync(body, output, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && error is HttpRequestException or IOException or OperationCanceledException)
        {
            throw EngineFailures.Lost();
        }
    }

    /// <summary>Reads the answer's body, whatever is in it.</summary>
    /// <exception cref="EngineException">It is not what the API says, or ends too early.</exception>
    public async Task<FinishReason> ReadAsync(Stream body, ChannelWriter<Frame> output, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(new SseReader(body, work.MostEventBytes, work.MostStreamBytes), output, cancellationToken);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The parser's own messages may quote the answer.
            throw EngineFailures.Malformed();
        }

        // Some engines call it a stop.
        return _reason is FinishReason.Stop && _deltas.HasCalls ? FinishReason.ToolCalls : _reason ?? throw EngineFailures.Malformed();
    }

    private async Task RefuseFailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            OpenAIEngineLog.EngineRefused(log, work.RequestId, (int)response.StatusCode);
            throw EngineFailures.OfStatus(response.StatusCode, await EngineClient.ReadJsonAsync(response, EngineClient.MostAnswerBytes, cancellationToken) ?? default, work);
        }

        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            var answer = await EngineClient.ReadJsonAsync(response, EngineClient.MostAnswerBytes, cancellationToken) ?? default;
            throw EngineFailures.OfEvent(answer, isErrorEvent: false, hasContent: false, work) ?? EngineFailures.Malformed();
        }
    }

    private async Task ReadAsync(SseReader events, ChannelWriter<Frame> output, CancellationToken cancellationToken)
    {
        while (await events.ReadAsync(cancellationToken))
        {
            if (events.Data.Span.SequenceEqual("[DONE]"u8))
            {
                await WriteAsync(_deltas.Complete(), output, cancellationToken);
                return;
            }

            foreach (var delta in Take(events))
            {
                await WriteAsync(delta, output, cancellationToken);
            }

            if (_deltas.Tokens > work.MostTokens)
            {
                // It does not keep the bound that it was given.
                _reason = FinishReason.Length;
                await WriteAsync(_deltas.Complete(), output, cancellationToken);
                return;
            }
        }

        throw EngineFailures.Lost();
    }

    private List<Delta> Take(SseReader events)
    {
        using var json = JsonDocument.Parse(events.Data);
        var chunk = json.RootElement;
        if (!chunk.IsObject())
        {
            throw EngineFailures.Malformed();
        }

        if (EngineFailures.OfEvent(chunk, events.IsError, _deltas.Tokens > 0, work) is { } failure)
        {
            throw failure;
        }

        var deltas = new List<Delta>();
        foreach (var entry in chunk.Get("choices").Items())
        {
            if (_deltas.Add(entry) is { } delta)
            {
                deltas.Add(delta);
            }

            _reason = entry.Get("finish_reason").IsSet() ? Reason(entry.Get("finish_reason").Text()) ?? _reason : _reason;
        }

        Usage = ReadUsage(chunk.Get("usage"), chunk.Get("timings")) ?? Usage;
        return deltas;
    }

    /// <summary>Cached tokens are in OpenAI's place, or in older llama.cpp's; thoughts in OpenAI's, or in SGLang's.</summary>
    private static EngineUsage? ReadUsage(JsonElement usage, JsonElement timings)
    {
        if (!usage.IsObject())
        {
            return null;
        }

        var prompt = usage.Get("prompt_tokens").Count() ?? 0;
        var cached = usage.Get("prompt_tokens_details").Get("cached_tokens").Count() ?? timings.Get("cache_n").Count() ?? 0;
        return new EngineUsage
        {
            PromptTokens = (uint)prompt,
            CompletionTokens = (uint)(usage.Get("completion_tokens").Count() ?? 0),
            CachedTokens = (uint)Math.Min(cached, prompt),
            ReasoningTokens = (uint)(usage.Get("completion_tokens_details").Get("reasoning_tokens").Count() ?? usage.Get("reasoning_tokens").Count() ?? 0),
        };
    }

    /// <summary>Null: none yet, which TGI says with an empty text.</summary>
    private static FinishReason? Reason(string reason) => reason switch
    {
        "" => null,
        "stop" or "eos_token" or "stop_sequence" => FinishReason.Stop,
        "length" => FinishReason.Length,
        "tool_calls" or "function_call" => FinishReason.ToolCalls,
        "content_filter" => FinishReason.ContentFilter,
        _ => throw EngineFailures.Malformed(),
    };

    private static ValueTask WriteAsync(Delta? delta, ChannelWriter<Frame> output, CancellationToken cancellationToken) =>
        delta is null ? ValueTask.CompletedTask : output.WriteAsync(new Frame { Delta = delta }, cancellationToken);
}
