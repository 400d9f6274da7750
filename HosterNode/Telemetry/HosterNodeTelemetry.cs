using System.Diagnostics;
using System.Diagnostics.Metrics;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Telemetry;

/// <summary>The node's spans and metrics. Names follow OpenTelemetry's gen_ai conventions where they exist; no prompt is in any of them.</summary>
internal sealed class HosterNodeTelemetry : IDisposable
{
    public const string Name = "ComputeShare.HosterNode";

    private const string Provider = "computeshare";
    private readonly ActivitySource _spans = new(Name);
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _timeToFirstToken;
    private readonly Histogram<double> _duration;

    public HosterNodeTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _tokens = meter.CreateCounter<long>("computeshare.hosternode.tokens", "{token}", "Tokens read and generated.");
        _timeToFirstToken = meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "From the request's arrival to its first token.");
        _duration = meter.CreateHistogram<double>("gen_ai.server.request.duration", "s", "From the request's arrival to its end.");
        SlotsActive = meter.CreateUpDownCounter<int>("computeshare.hosternode.slots.active", "{slot}", "Slots in use.");
    }

    public UpDownCounter<int> SlotsActive { get; }

    public Activity? StartGenerate(GenerateRequest request) => _spans.StartActivity(ActivityKind.Internal, name: "generate", tags:
    [
        new("gen_ai.operation.name", Operation(request)),
        new("gen_ai.provider.name", Provider),
        new("gen_ai.request.model", request.Model),
        new("gen_ai.request.max_tokens", request.MaxTokens),
        new("gen_ai.request.choice.count", request.Slots),
        new("computeshare.request.id", request.RequestId),
        new("computeshare.attempt", request.Attempt),
    ]);

    public void RecordFirstToken(GenerateRequest request, TimeSpan after) =>
        _timeToFirstToken.Record(after.TotalSeconds, new TagList { { "gen_ai.request.model", request.Model } });

    /// <param name="request">The request.</param>
    /// <param name="finished">How it finished; null when it did not.</param>
    /// <param name="outcome">Low-cardinality name of its end.</param>
    /// <param name="generated">Tokens handed on.</param>
    /// <param name="after">Since its arrival.</param>
    public void RecordEnd(GenerateRequest request, Finished? finished, string outcome, long generated, TimeSpan after)
    {
        var model = new KeyValuePair<string, object?>("gen_ai.request.model", request.Model);
        _duration.Record(after.TotalSeconds, model, new("computeshare.outcome", outcome));
        _tokens.Add(generated, model, new("gen_ai.token.type", "output"));
        _tokens.Add(finished?.Usage?.PromptTokens ?? 0, model, new("gen_ai.token.type", "input"));
        if (Activity.Current is not { } span || span.Source != _spans)
        {
            return;
        }

        span.SetTag("computeshare.outcome", outcome);
        span.SetTag("gen_ai.usage.output_tokens", generated);
        if (finished is null)
        {
            span.SetStatus(ActivityStatusCode.Error, outcome);
            return;
        }

        span.SetTag("gen_ai.response.model", request.Model);
        span.SetTag("gen_ai.usage.input_tokens", finished.Usage.PromptTokens);
        span.SetTag("gen_ai.response.finish_reasons", finished.FinishReasons.Select(OpenAIName).ToArray());
    }

    public void Dispose() => _spans.Dispose();

    private static string Operation(GenerateRequest request) => request.WorkCase switch
    {
        GenerateRequest.WorkOneofCase.Chat => "chat",
        GenerateRequest.WorkOneofCase.Completion => "text_completion",
        GenerateRequest.WorkOneofCase.Embedding => "embeddings",
        _ => "unknown",
    };

    private static string OpenAIName(FinishReason reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.ContentFilter => "content_filter",
        _ => "unknown",
    };
}
