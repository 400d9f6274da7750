using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.OpenAI.Requests;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>
/// One choice: one request to the engine, and its events until <c>[DONE]</c>. Leaving it before closes the connection at once. Frames are
/// handed over where they are read: no thread waits for another.
/// </summary>
internal sealed class ChoiceStream(EngineClient client, EngineWork work, int choice, ILogger log)
{
    // What an engine sends after [DONE] is the end of the body, some bytes that have mostly come with it.
    private const int MostBytesAfterDone = 1 << 10;
    private static readonly TimeSpan AfterDone = TimeSpan.FromSeconds(1);

    private readonly ChoiceDeltas _deltas = new(choice, work.AsksLogprobs, work.Begun?.Tokens ?? 0);
    private FinishReason? _reason;
    private bool _isDone;
    private bool _saidDone;

    /// <summary>As the engine reported it; null when it did not.</summary>
    public EngineUsage? Usage { get; private set; }

    public uint Tokens => _deltas.Tokens;

    /// <summary>Why it ended, once it has.</summary>
    /// <exception cref="EngineException">The engine did not say.</exception>
    // Some engines call it a stop.
    public FinishReason Reason => _reason is FinishReason.Stop && _deltas.HasCalls ? FinishReason.ToolCalls : _reason ?? throw EngineFailures.Malformed();

    /// <summary><c>started</c> when the engine has taken the request, then its deltas, each valid until the next is asked for.</summary>
    /// <exception cref="EngineException">It failed.</exception>
    public async IAsyncEnumerable<Frame> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var response = await AskAsync(cancellationToken);
        try
        {
            yield return new Frame { Started = new Started() };
            var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            await foreach (var frame in ReadAsync(body, cancellationToken))
            {
                yield return frame;
            }
        }
        finally
        {
            _ = LeaveAsync(response);
        }
    }

    /// <summary>
    /// Gives the connection back, for the next request when the engine has said all; else it is closed. Nobody waits for it.
    /// </summary>
    private async Task LeaveAsync(HttpResponseMessage response)
    {
        using (response)
        {
            if (!_saidDone)
            {
                return;
            }

            try
            {
                using var limit = new CancellationTokenSource(AfterDone);
                var body = await response.Content.ReadAsStreamAsync(limit.Token);
                await body.ReadAtLeastAsync(new byte[MostBytesAfterDone], MostBytesAfterDone, throwOnEndOfStream: false, limit.Token);
            }
            catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
            {
                // It is closed, as without this.
            }
        }
    }

    /// <summary>Reads the answer's body, whatever is in it.</summary>
    /// <exception cref="EngineException">It is not what the API says, or ends too early.</exception>
    public async IAsyncEnumerable<Frame> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var events = new SseReader(body, work.MostEventBytes, work.MostStreamBytes);
        while (!_isDone)
        {
            await TakeNextAsync(events, cancellationToken);
            if (_deltas.Take() is { } frame)
            {
                yield return frame;
            }
        }

        _ = Reason;
    }

    private async Task<HttpResponseMessage> AskAsync(CancellationToken cancellationToken)
    {
        HttpResponseMessage? response = null;
        try
        {
            response = await client.PostAsync(work.Path, work.Write(choice), "text/event-stream", cancellationToken);
            await RefuseFailureAsync(response, cancellationToken);
            return response;
        }
        catch (Exception error)
        {
            response?.Dispose();
            if (EngineFailures.IsLoss(error, cancellationToken))
            {
                throw EngineFailures.Lost();
            }

            throw;
        }
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask TakeNextAsync(SseReader events, CancellationToken cancellationToken)
    {
        try
        {
            if (!await events.ReadAsync(cancellationToken))
            {
                throw EngineFailures.Lost();
            }

            _isDone = _saidDone = events.Data.Span.SequenceEqual("[DONE]"u8);
            if (!_isDone)
            {
                Take(events);
            }
        }
        catch (Exception error) when (EngineFailures.IsLoss(error, cancellationToken))
        {
            throw EngineFailures.Lost();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The parser's own messages may quote the answer.
            throw EngineFailures.Malformed();
        }

        if (!_isDone && _deltas.Tokens > work.MostTokens)
        {
            // It does not keep the bound that it was given.
            (_isDone, _reason) = (true, FinishReason.Length);
        }

        if (_isDone)
        {
            _deltas.Complete();
        }
    }

    private void Take(SseReader events)
    {
        if (!events.IsError && PlainChunk.TryRead(events.Data.Span, out var text) && _deltas.TryAdd(text))
        {
            return;
        }

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

        foreach (var entry in chunk.Get("choices").Items())
        {
            _deltas.Add(entry);
            var reason = entry.Get("finish_reason");
            _reason = reason.IsSet() ? ReasonOf(reason.Text()) ?? _reason : _reason;
        }

        Usage = ReadUsage(chunk.Get("usage"), chunk.Get("timings")) ?? Usage;
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
    private static FinishReason? ReasonOf(string reason) => reason switch
    {
        "" => null,
        "stop" or "eos_token" or "stop_sequence" => FinishReason.Stop,
        "length" => FinishReason.Length,
        "tool_calls" or "function_call" => FinishReason.ToolCalls,
        "content_filter" => FinishReason.ContentFilter,
        _ => throw EngineFailures.Malformed(),
    };
}
