namespace ComputeShare.Billing.Payments;

/// <summary>
/// Somebody through whom money comes in or goes out. It turns what it sends into what the ledger knows; that it is booked once is not its
/// matter. Without any, operators book by hand: <c>admin credit</c>, <c>admin payouts</c>.
/// </summary>
internal interface IPaymentProvider
{
    /// <summary>As in <c>POST /v1/webhooks/NAME</c>.</summary>
    string Name { get; }

    /// <summary>Whether webhooks are taken at all.</summary>
    bool IsConfigured { get; }

    /// <exception cref="WebhookRefusedException">It is not from the provider, not from now, or no event.</exception>
    PaymentNotice Read(ReadOnlySpan<byte> body, string signature);
}

/// <summary>The message may be shown: it repeats nothing of what was sent.</summary>
internal sealed class WebhookRefusedException(string message) : Exception(message);
