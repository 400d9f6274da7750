using System.Diagnostics;
using ComputeShare.Gateway.Telemetry;

namespace ComputeShare.Gateway.Completions;

/// <summary>What stays of a request in trace, metrics and log: one line, no text.</summary>
internal static class CompletionRecord
{
    public static void Write(CompletionContext context, Activity? span, GatewayTelemetry telemetry, TimeProvider clock, ILogger logger)
    {
        var model = context.Lease?.ModelId ?? "none";
        var outcome = context.Outcome;
        var duration = clock.GetElapsedTime(context.Arrived);
        var operation = context.Request.Operation.SpanName;
        telemetry.Ended(operation, model, outcome.Name, outcome.Error is not null, duration);
        if (context.Delivered.IsAnything)
        {
            telemetry.Delivered(operation, model, context.PromptTokens, context.Delivered.Delivered);
        }

        if (context.TimeToFirstToken is { } first)
        {
            telemetry.FirstToken(operation, model, first);
        }

        span?.SetTag("gen_ai.response.model", model);
        span?.SetTag("gen_ai.response.id", context.AnswerId);
        span?.SetTag("gen_ai.usage.input_tokens", context.PromptTokens);
        span?.SetTag("gen_ai.usage.output_tokens", context.Delivered.Delivered);
        span?.SetTag("computeshare.outcome", outcome.Name);
        span?.SetTag("computeshare.attempts", context.Attempt);
        if (context.FinishReason is { } reason)
        {
            span?.SetTag("gen_ai.response.finish_reasons", new[] { reason });
        }

        if (outcome.Error is not null)
        {
            span?.SetTag("error.type", outcome.Name);
            span?.SetStatus(ActivityStatusCode.Error, outcome.Name);
        }

        CompletionLog.Ended(logger, context.Id.Value, context.Caller.Record.AccountId, outcome.Name, model, context.Attempt,
            context.Delivered.Delivered, (long)duration.TotalMilliseconds);
    }
}
