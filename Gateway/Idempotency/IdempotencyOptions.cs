using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Idempotency;

internal sealed class IdempotencyOptions
{
    public const string Section = "Idempotency";

    /// <summary>
    /// What the answers that Billing keeps are encrypted with: 32 random bytes in base64, the same for all gateways. Billing never sees it.
    /// Default: made by chance at each start, so that only the process that gave an answer can give it again.
    /// </summary>
    [AnswerKey]
    public string AnswerKey { get; set; } = "";
}

[OptionsValidator]
internal sealed partial class IdempotencyOptionsValidator : IValidateOptions<IdempotencyOptions>;

[AttributeUsage(AttributeTargets.Property)]
internal sealed class AnswerKeyAttribute()
    : ValidationAttribute("Idempotency:AnswerKey must be 32 random bytes in base64, such as `openssl rand -base64 32` makes them.")
{
    public override bool IsValid(object? value) =>
        value is "" || (value is string text && Convert.TryFromBase64String(text, new byte[text.Length], out var length) && length == SHA256.HashSizeInBytes);
}
