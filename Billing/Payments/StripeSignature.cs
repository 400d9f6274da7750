using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ComputeShare.Billing.Payments;

/// <summary>
/// <c>Stripe-Signature: t=UNIX_SECONDS,v1=HEX,…</c>: each <c>v1</c> is HMAC-SHA256 of <c>t.body</c> under the endpoint's secret; two of them
/// while a secret is changed. https://docs.stripe.com/webhooks#verify-manually
/// </summary>
internal static class StripeSignature
{
    private const int MostSignatures = 8;

    /// <exception cref="WebhookRefusedException">None of the signatures is right, or the time is too far away.</exception>
    public static void Check(ReadOnlySpan<byte> body, string header, string secret, DateTimeOffset now, TimeSpan tolerance)
    {
        var parts = header.Split(',').Select(part => part.Split('=', 2)).Where(part => part.Length == 2).ToLookup(part => part[0].Trim(), part => part[1].Trim());
        if (!long.TryParse(parts["t"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            throw new WebhookRefusedException("The signature has no time.");
        }

        var signed = new byte[Encoding.ASCII.GetByteCount($"{seconds}.") + body.Length];
        var prefix = Encoding.ASCII.GetBytes($"{seconds}.", signed);
        body.CopyTo(signed.AsSpan(prefix));
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
        if (!parts["v1"].Take(MostSignatures).Any(signature => IsEqual(signature, expected)))
        {
            throw new WebhookRefusedException("The signature is wrong.");
        }

        if (Math.Abs(now.ToUnixTimeSeconds() - (decimal)seconds) > (decimal)tolerance.TotalSeconds)
        {
            throw new WebhookRefusedException("The signature is too old, or from the future.");
        }
    }

    private static bool IsEqual(string hex, byte[] expected)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return hex.Length == 2 * given.Length
            && Convert.FromHexString(hex, given, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(given, expected);
    }
}
