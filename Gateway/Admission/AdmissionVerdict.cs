namespace ComputeShare.Gateway.Admission;

/// <summary>The gate's answer: a ticket, or why there is none.</summary>
internal abstract record AdmissionVerdict
{
    internal sealed record Admitted(AdmissionTicket Ticket, RateLevels Levels) : AdmissionVerdict;

    /// <param name="Limit"><c>parallel</c>, <c>requests</c> or <c>tokens</c>.</param>
    /// <param name="Whose"><c>account</c> or <c>key</c>.</param>
    /// <param name="RetryAfter">When the request will be let through, unless others come first.</param>
    internal sealed record Limited(string Limit, string Whose, TimeSpan RetryAfter, RateLevels Levels) : AdmissionVerdict;

    /// <summary>The account's keys have changed since the caller's record was loaded.</summary>
    internal sealed record StaleKey : AdmissionVerdict;

    /// <summary>Redis is away.</summary>
    internal sealed record Unavailable : AdmissionVerdict;
}
