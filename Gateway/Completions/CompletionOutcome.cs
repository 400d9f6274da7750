using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Completions;

/// <summary>The step of DESIGN.md §2 at which a completion ended.</summary>
internal enum CompletionStage
{
    Authorization,
    Admission,
    Scheduling,
    Credit,
    Generation,
    Delivery,
}

internal enum Blame
{
    Nobody,
    Caller,
    Node,

    /// <summary>A service of ours is away, or there is not enough of it.</summary>
    Platform,
}

internal enum Charge
{
    Nothing,

    /// <summary>The delivered tokens and, if there is at least one, the prompt.</summary>
    Delivered,
}

/// <summary>How a completion ended: where, whose fault it is, what is charged, and what the client is told. Every end is one of these.</summary>
/// <param name="Name">As in metrics, logs and bills.</param>
/// <param name="Error">Null: the client is told nothing of it, or gets its answer.</param>
/// <param name="MayTryAnotherNode">Another node may do better, as long as no content has left.</param>
internal sealed record CompletionOutcome(
    string Name,
    CompletionStage Stage,
    Blame Blame,
    Charge Charge,
    OpenAIError? Error = null,
    bool MayTryAnotherNode = false)
{
    public static readonly CompletionOutcome Completed = new("completed", CompletionStage.Delivery, Blame.Nobody, Charge.Delivered);

    public static readonly CompletionOutcome CreditEnded = new("credit_ended", CompletionStage.Delivery, Blame.Caller, Charge.Delivered);

    public static readonly CompletionOutcome ClientLeft = new("client_left", CompletionStage.Delivery, Blame.Caller, Charge.Delivered);

    public static readonly CompletionOutcome ClientTooSlow = new("client_too_slow", CompletionStage.Delivery, Blame.Caller, Charge.Delivered);

    public static readonly CompletionOutcome TotalDeadline = new("total_deadline", CompletionStage.Generation, Blame.Nobody, Charge.Delivered,
        new(504, OpenAIError.Server, "The answer took longer than a request may take.", "deadline_exceeded", ShouldRetry: false));

    public static readonly CompletionOutcome FirstTokenDeadline = NodeFailure("first_token_deadline", 504, "The hoster did not begin to answer in time.");

    public static readonly CompletionOutcome BetweenTokensDeadline = NodeFailure("between_tokens_deadline", 504, "The hoster stopped answering.");

    public static readonly CompletionOutcome NodeLost = NodeFailure("node_lost", 502, "The connection to the hoster was lost.");

    public static readonly CompletionOutcome NodeFailed = NodeFailure("node_failed", 502, "The hoster could not complete the request.");

    public static readonly CompletionOutcome NodeBroken = NodeFailed with { Name = "node_broken", MayTryAnotherNode = false };

    public static readonly CompletionOutcome NodeMalformed = NodeFailure("node_malformed", 502, "The hoster's answer was not understood.");

    /// <summary>The node had no room after all: costs no attempt.</summary>
    public static readonly CompletionOutcome SlotsFull = NoCapacity(TimeSpan.FromSeconds(1)) with { Name = "slots_full", MayTryAnotherNode = true };

    /// <summary>
    /// The leased node has not joined this gateway, as after the gateway's start: nobody's failure, and soon over.
    /// </summary>
    public static readonly CompletionOutcome NodeUnknown = SlotsFull with { Name = "node_unknown" };

    /// <summary>The lease costs more than the caller allows, which only a Scheduler of another version would offer.</summary>
    public static readonly CompletionOutcome OverMaxPrice = SlotsFull with { Name = "over_max_price" };

    public static CompletionOutcome ContextOverflow(string promptParam) => new("context_overflow", CompletionStage.Generation, Blame.Caller, Charge.Nothing,
        OpenAIError.Invalid("The prompt and max_tokens together exceed the model's context window.", promptParam, "context_length_exceeded"));

    public static readonly CompletionOutcome NoCredit = new("no_credit", CompletionStage.Credit, Blame.Caller, Charge.Nothing,
        new(402, "insufficient_quota", "The account's credit does not cover this request.", "insufficient_quota"));

    public static readonly CompletionOutcome BillingAway = Away("billing_away", CompletionStage.Credit);

    public static readonly CompletionOutcome SchedulerAway = Away("scheduler_away", CompletionStage.Scheduling);

    public static readonly CompletionOutcome RedisAway = Away("redis_away", CompletionStage.Admission);

    public static readonly CompletionOutcome KeyRevoked = new("key_revoked", CompletionStage.Authorization, Blame.Caller, Charge.Nothing, OpenAIError.InvalidKey);

    public static readonly CompletionOutcome ModelNotAllowed = new("model_not_allowed", CompletionStage.Authorization, Blame.Caller, Charge.Nothing,
        new(403, OpenAIError.InvalidRequest, "This key may not use this model.", "model_not_allowed", "model"));

    public static readonly CompletionOutcome Defect = new("defect", CompletionStage.Delivery, Blame.Platform, Charge.Delivered, OpenAIError.Internal);

    public static CompletionOutcome RateLimited(AdmissionVerdict.Limited limited) => new("rate_limited", CompletionStage.Admission, Blame.Caller, Charge.Nothing,
        new(429, limited.Limit == "tokens" ? "tokens" : "requests", limited.Limit == "parallel"
            ? $"Too many requests of this {limited.Whose} run at once."
            : $"This {limited.Whose}'s limit of {limited.Limit} per minute is reached.", "rate_limit_exceeded", RetryAfter: limited.RetryAfter));

    // SDKs come again within a minute at most, whatever they are told: beyond it there is nothing to win for them.
    public static CompletionOutcome SpendCapReached(TimeSpan? resetsIn) => new("spend_cap_reached", CompletionStage.Credit, Blame.Caller, Charge.Nothing,
        new(429, "insufficient_quota", "A spend cap of this key does not cover this request.", "spend_cap_reached",
            RetryAfter: resetsIn, ShouldRetry: resetsIn <= TimeSpan.FromMinutes(1) ? null : false));

    public static CompletionOutcome UnknownModel(string model) =>
        new("unknown_model", CompletionStage.Scheduling, Blame.Caller, Charge.Nothing, OpenAIError.ModelNotFound(model));

    /// <param name="reason">What ruled out all of them; a sentence, or empty.</param>
    /// <param name="param">The field that asked for what none has.</param>
    public static CompletionOutcome NoCapacity(TimeSpan retryAfter, string reason = "", string? param = null) =>
        new("no_capacity", CompletionStage.Scheduling, Blame.Platform, Charge.Nothing, new(
            503, OpenAIError.Server, $"No hoster can take this request at the moment. {reason}".TrimEnd(), "no_capacity", param, retryAfter));

    public static CompletionOutcome Unsupported(string? param) => new("unsupported", CompletionStage.Scheduling, Blame.Caller, Charge.Nothing,
        param is null ? OpenAIError.Invalid("No hoster supports what this request uses.") : OpenAIError.Unsupported(param));

    public static CompletionOutcome RefusedByNode(string? param) => new("refused_by_node", CompletionStage.Generation, Blame.Caller, Charge.Nothing,
        OpenAIError.Invalid(param is null ? "The model cannot take this request." : $"The model cannot take '{param}' with this value.", param));

    /// <summary>Our own attempts are used up: the client's would only do the same again.</summary>
    public CompletionOutcome Finally() => Blame == Blame.Node && Error is { } error ? this with { Error = error with { ShouldRetry = false } } : this;

    public override string ToString() => Name;

    // Delivered: a stream that breaks after content is paid for what arrived; before it there is nothing to pay.
    private static CompletionOutcome NodeFailure(string name, int status, string message) => new(name, CompletionStage.Generation, Blame.Node, Charge.Delivered,
        new(status, OpenAIError.Server, message, name), MayTryAnotherNode: true);

    private static CompletionOutcome Away(string name, CompletionStage stage) =>
        new(name, stage, Blame.Platform, Charge.Delivered, OpenAIError.Unavailable);
}
