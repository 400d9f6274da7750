using System.Globalization;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Idempotency;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.Completions;

/// <summary>Everything known about one request, filled step by step.</summary>
internal sealed class CompletionContext(HttpContext http, Caller caller, CompletionRequest request, TimeProvider clock)
{
    private const int MostIgnoredNames = 20;
    private const int MostIgnoredCharacters = 64;

    public HttpContext Http => http;

    public RequestId Id { get; } = http.RequestId();

    public Caller Caller { get; set; } = caller;

    /// <summary>With an Idempotency-Key; null without one.</summary>
    public KeyedRequest? Keyed { get; } = http.Features.Get<KeyedRequest>();

    public uint OwnerEpoch => Keyed?.OwnerEpoch ?? 0;

    public CompletionRequest Request => request;

    /// <summary>The id in the answer, such as <c>chatcmpl-…</c>.</summary>
    public string AnswerId { get; } = request.Operation.IdPrefix + http.RequestId().Value;

    /// <summary>Unix seconds, the same in every chunk.</summary>
    public long Created { get; } = clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Whose prompts an engine may know again: the account's, or those of whom a probe seems to be of.</summary>
    public string CachesOf => request.Aim?.Persona ?? Caller.Record.AccountId;

    /// <summary>Timestamp of arrival.</summary>
    public long Arrived { get; } = clock.GetTimestamp();

    /// <summary>Of any model that it may end at; from the lease on, of that one.</summary>
    public PromptSize Prompt { get; set; } = request.Prompt.Bounds;

    /// <summary>How the lease's model is counted.</summary>
    public ModelMeter Meter { get; set; } = ModelMeter.Unknown;

    /// <summary>What is paid are bounds, because the gateway could not count.</summary>
    public bool CountsAreBounded => Meter.Tokenizer is null || !Prompt.IsCounted;

    public AdmissionTicket? Ticket { get; set; }

    public CreditHold? Hold { get; set; }

    /// <summary>The attempt in progress, or the last: 1, 2, 3; 0 before the first.</summary>
    public uint Attempt { get; set; }

    /// <summary>The lease of that attempt.</summary>
    public Reserved? Lease { get; set; }

    /// <summary>What the attempt in progress, or the last, has delivered.</summary>
    public DeliveredUsage Delivered { get; set; } = new(request.Choices);

    /// <summary>What embeddings answer with, one per input; set when all are there.</summary>
    public IReadOnlyList<IReadOnlyList<float>> Vectors { get; set; } = [];

    /// <summary>The last attempt's own report; null when it sent none.</summary>
    public Finished? Report { get; set; }

    /// <summary>What the node counted beside what the gateway did; null where they cannot be compared.</summary>
    public CountClaim? Claim { get; set; }

    public TimeSpan? TimeToFirstToken { get; set; }

    /// <summary>The answer in one object is on its way to the client.</summary>
    public bool AnswerLeaves { get; set; }

    /// <summary>How long the Scheduler let the request wait, over all attempts; null when it was not asked.</summary>
    public TimeSpan? Queued { get; private set; }

    /// <summary>How long the client's own reading held the attempt up.</summary>
    public TimeSpan HeldUp { get; set; }

    /// <summary>Null unless the caller asked for it.</summary>
    public PlacementStory? Story { get; } = PlacementStory.For(http.Request);

    public string? FinishReason { get; set; }

    public CompletionOutcome Outcome { get; set; } = CompletionOutcome.Defect;

    /// <summary>Nodes and hosters that failed this request.</summary>
    public List<Reserved> Failed { get; } = [];

    /// <summary>Attempts that ended by their node's fault, each node once, the last one too.</summary>
    public List<Contracts.Billing.FailedAttempt> FailedAttempts { get; } = [];

    /// <summary>Leases on their way back; awaited before the request ends.</summary>
    public List<Task> Releases { get; } = [];

    /// <summary>Prompt tokens to be paid, of which <see cref="CachedTokens"/> were cached.</summary>
    public uint PromptTokens => Prompt.Billed(Report?.Usage);

    public uint ReasoningTokens => Math.Min(Delivered.Reasoning ?? Report?.Usage?.ReasoningTokens ?? 0, Delivered.Written);

    public uint CachedTokens => Math.Min(Report?.Usage?.CachedTokens ?? 0, PromptTokens);

    /// <summary>
    /// Whether delivered tokens are paid. A caller without streaming that gets an error got nothing, whatever the gateway had read.
    /// </summary>
    public bool IsCharged => Outcome.Charge == Charge.Delivered && (request.Stream || Outcome.Error is null);

    public void AddQueued(uint milliseconds) => Queued = (Queued ?? TimeSpan.Zero) + TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>The attempt has failed before content left: nothing of it is paid or told.</summary>
    public void ForgetAttempt()
    {
        Delivered = new DeliveredUsage(request.Choices);
        Report = null;
        Claim = null;
        TimeToFirstToken = null;
        HeldUp = TimeSpan.Zero;
    }

    public Usage Usage() =>
        new(PromptTokens, Delivered.Written, new PromptTokensDetails(CachedTokens), new CompletionTokensDetails(ReasoningTokens));

    /// <summary>The last chunk's <c>computeshare</c> object; null when there is nothing to say.</summary>
    public ComputeShareNote? Note(bool withServed)
    {
        var reason = Outcome == CompletionOutcome.CreditEnded ? "credit" : null;
        var placement = Story?.Tell(Queued ?? TimeSpan.Zero, Outcome, TimeToFirstToken);
        return withServed || placement is not null ? new ComputeShareNote(reason, Lease?.ModelId, Lease?.HosterName, (int)Attempt, placement)
            : reason is not null ? new ComputeShareNote(reason)
            : null;
    }

    /// <summary>The same beside an error: only where it was asked for.</summary>
    public ComputeShareNote? ErrorNote() => Story is null ? null : Note(withServed: true);

    /// <summary>What served the request, and what of it was ignored.</summary>
    public void WriteServedHeaders()
    {
        var headers = http.Response.Headers;
        if (Attempt > 0)
        {
            headers["x-computeshare-attempts"] = Attempt.ToString(CultureInfo.InvariantCulture);
        }

        if (Queued is { } queued)
        {
            headers["x-computeshare-queue-ms"] = ((long)queued.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        }

        if (Lease is not null)
        {
            headers["x-computeshare-model"] = HeaderText(Lease.ModelId);
            headers["x-computeshare-hoster"] = HeaderText(Lease.HosterName);
        }

        if (request.Ignored.Count > 0)
        {
            headers["x-computeshare-ignored"] = string.Join(", ", request.Ignored.Take(MostIgnoredNames).Select(HeaderText));
        }
    }

    // A name of a caller's or hoster's choice: printable ASCII only, and not much of it.
    private static string HeaderText(string text) =>
        string.Concat(text.Take(MostIgnoredCharacters).Select(character => character is > ' ' and < '\u007f' and not ',' ? character : '?'));
}
