using System.Text.Json;
using ComputeShare.Contracts;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Payments;

/// <summary>
/// Stripe's events (https://docs.stripe.com/api/events/types). An account is named by <c>client_reference_id</c> of a Checkout session or
/// <c>metadata.computeshare_account</c>, a payout by <c>metadata.computeshare_payout</c>. A payment is what its PaymentIntent is: both
/// <c>checkout.session.completed</c> and <c>payment_intent.succeeded</c> tell of one.
/// </summary>
internal sealed class StripeProvider(IOptions<PaymentOptions> options, TimeProvider clock) : IPaymentProvider
{
    private const string Currency = "usd";
    private const string AccountField = "computeshare_account";
    private const string PayoutField = "computeshare_payout";
    private const long NanoDollarsPerCent = Money.NanoDollarsPerDollar / 100;

    public string Name => "stripe";

    public bool IsConfigured => options.Value.StripeWebhookSecret.Length > 0;

    public PaymentNotice Read(ReadOnlySpan<byte> body, string signature)
    {
        StripeSignature.Check(body, signature, options.Value.StripeWebhookSecret, clock.GetUtcNow(), options.Value.Tolerance);
        try
        {
            var reader = new Utf8JsonReader(body);
            using var json = JsonDocument.ParseValue(ref reader);
            var root = json.RootElement;
            var type = root.GetProperty("type").GetString()!;
            return new PaymentNotice(root.GetProperty("id").GetString()!, type, ActOf(type, root.GetProperty("data").GetProperty("object")));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new WebhookRefusedException("The body is none of Stripe's events.");
        }
    }

    private static PaymentAct ActOf(string type, JsonElement about) => type switch
    {
        "checkout.session.completed" or "checkout.session.async_payment_succeeded" when Text(about, "payment_status") == "paid" =>
            PaidIn(about, Text(about, "payment_intent"), Text(about, "client_reference_id") is { Length: > 0 } named ? named : Meta(about, AccountField), "amount_total"),
        "payment_intent.succeeded" => PaidIn(about, Text(about, "id"), Meta(about, AccountField), "amount_received"),
        "charge.succeeded" when Meta(about, AccountField) is { Length: > 0 } account => new SourcesSeen(account, Sources(about)),
        "charge.refunded" => InDollars(about, () => new Refunded(Text(about, "payment_intent"), Cents(about, "amount_refunded"))),
        "charge.dispute.created" => InDollars(about, () => new Disputed(Text(about, "payment_intent"), Cents(about, "amount"))),
        "charge.dispute.closed" when Text(about, "status") == "won" => new DisputeWon(Text(about, "payment_intent")),
        "payout.paid" when Payout(about) is { } payout => new PaidOut(payout, Text(about, "id")),
        "payout.failed" or "payout.canceled" when Payout(about) is { } payout =>
            new NotPaidOut(payout, Text(about, "failure_code") is { Length: > 0 } code ? code : type),
        // Of a part that came back a person decides: a payout here is whole.
        "transfer.reversed" when Payout(about) is { } payout =>
            Part(about, "reversed").ValueKind == JsonValueKind.True ? new NotPaidOut(payout, type) : new NothingToBook(PaymentOutcomes.Unmatched),
        _ => new NothingToBook(PaymentOutcomes.Ignored),
    };

    // A payment without an account is somebody else's: other things may be sold through the same Stripe account.
    private static PaymentAct PaidIn(JsonElement about, string payment, string account, string amount) =>
        payment.Length == 0 || account.Length == 0
            ? new NothingToBook(PaymentOutcomes.Ignored)
            : InDollars(about, () => new PaidIn(payment, account, Cents(about, amount), Sources(about)));

    private static PaymentAct InDollars(JsonElement about, Func<PaymentAct> act) =>
        Text(about, "currency").Equals(Currency, StringComparison.OrdinalIgnoreCase) ? act() : new NothingToBook(PaymentOutcomes.Currency);

    private static string[] Sources(JsonElement about)
    {
        var card = Text(Part(Part(about, "payment_method_details"), "card"), "fingerprint");
        var customer = Text(about, "customer");
        return [.. new[] { card.Length > 0 ? $"stripe:card:{card}" : "", customer.Length > 0 ? $"stripe:customer:{customer}" : "" }.Where(source => source.Length > 0)];
    }

    private static Guid? Payout(JsonElement about) => Guid.TryParseExact(Meta(about, PayoutField), "N", out var id) ? id : null;

    private static string Meta(JsonElement about, string field) => Text(Part(about, "metadata"), field);

    private static Money Cents(JsonElement about, string field)
    {
        var cents = about.GetProperty(field).GetInt64();
        return cents >= 0 ? new Money(checked(cents * NanoDollarsPerCent)) : throw new FormatException();
    }

    private static JsonElement Part(JsonElement about, string field) =>
        about.ValueKind == JsonValueKind.Object && about.TryGetProperty(field, out var part) ? part : default;

    private static string Text(JsonElement about, string field) =>
        Part(about, field) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
