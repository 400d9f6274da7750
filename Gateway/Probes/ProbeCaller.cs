using System.Diagnostics;
using System.Text;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Telemetry;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Probes;

/// <summary>
/// Sends a probe by the way of every completion (<see cref="CompletionPipeline"/>): admitted, placed, held, settled and paid like any. Only its
/// response goes nowhere.
/// </summary>
internal sealed class ProbeCaller(
    CompletionPipeline pipeline,
    ApiKeyStore keys,
    GatewayTelemetry telemetry,
    IOptions<ProbeOptions> options,
    TimeProvider clock,
    ILogger<ProbeCaller> logger)
{
    /// <summary>There is somebody to compare with.</summary>
    public bool HasReferences => options.Value.References.Count > 0;

    /// <returns>Null: it was not answered to its end, which is for others to judge.</returns>
    public async Task<ProbeAnswer?> AskAsync(CompletionRequest request, CancellationToken cancellationToken)
    {
        var key = options.Value.ApiKey;
        if (await keys.FindAsync(key, cancellationToken) is not { Kind: KeyKind.Consumer } record)
        {
            ProbesLog.Refused(logger, "it is no consumer's");
            return null;
        }

        // As the server begins one for each request: the trace that a node is told of is like any.
        Activity.Current = null;
        using var trace = telemetry.Spans.StartActivity("probe", ActivityKind.Server) ?? new Activity("probe").Start();
        await using var body = new TimedBody(clock);
        var context = new CompletionContext(Http(body, cancellationToken), new Caller(key, record), request, clock);
        await pipeline.RunAsync(context);
        if (context.Outcome is { Stage: CompletionStage.Authorization or CompletionStage.Admission or CompletionStage.Credit } && !cancellationToken.IsCancellationRequested)
        {
            ProbesLog.Refused(logger, context.Outcome.Name);
        }

        var isAnswered = context.Outcome == CompletionOutcome.Completed && (request.Aim?.NodeId is not { Length: > 0 } node || context.Lease?.NodeId == node);
        return isAnswered ? Answer(context, body) : null;
    }

    /// <summary>What a trusted hoster answers. Null: none is there, or none has room.</summary>
    /// <param name="quantization">Another one's answers are others.</param>
    public async Task<ProbeAnswer?> AskReferenceAsync(
        ProbeChat chat, ProbeShape shape, string model, string quantization, CancellationToken cancellationToken)
    {
        if (!HasReferences)
        {
            return null;
        }

        var trusted = new ProviderPreferences { Only = { options.Value.References }, Quantizations = { quantization } };
        return await AskAsync(ProbeRequests.OfReference(chat, shape, model, trusted, new ProbeAim("", ProbeMemory.NewPersona())), cancellationToken);
    }

    private DefaultHttpContext Http(TimedBody body, CancellationToken cancellationToken)
    {
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        http.RequestAborted = cancellationToken;
        http.SetRequestId(RequestId.New(clock));
        return http;
    }

    // A node that says to have been cut is believed where most of the budget is there: the text may have fewer tokens than were generated.
    private ProbeAnswer Answer(CompletionContext context, TimedBody body)
    {
        var read = ProbeAnswerReader.Read(body.Written, context.Request.Stream);
        var report = context.Report;
        var first = (report?.QueueMs ?? 0) + (report?.PrefillMs ?? 0);
        var last = first + (report?.DecodeMs ?? 0);
        return new ProbeAnswer
        {
            Text = Encoding.UTF8.GetBytes(read.Text),
            HasReasoning = read.HasReasoning,
            Tokens = read.Tokens,
            IsCut = read.IsCut && context.Delivered.Written * 5 >= (context.Request.MaxTokens ?? 0) * 4,
            CountedTokens = context.Delivered.Written,
            ReportedTokens = report?.Usage?.CompletionTokens ?? 0,
            First = context.TimeToFirstToken ?? TimeSpan.Zero,
            Last = clock.GetElapsedTime(context.Arrived, body.LastWrite) - (context.Queued ?? TimeSpan.Zero),
            Claimed = last > 0 ? (TimeSpan.FromMilliseconds(first), TimeSpan.FromMilliseconds(last)) : null,
        };
    }
}
