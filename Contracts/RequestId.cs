using System.Buffers;

namespace ComputeShare.Contracts;

/// <summary>
/// The one id of a request: a UUIDv7 written as 32 lowercase hexadecimal digits. The completion id, <c>x-request-id</c>, the ledger's
/// business key and the trace tag are all made of it.
/// </summary>
public readonly record struct RequestId
{
    private const string CompletionPrefix = "chatcmpl-";
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private RequestId(string value) => Value = value;

    public string Value { get; }

    public string CompletionId => CompletionPrefix + Value;

    public static RequestId New(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return new(Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"));
    }

    /// <summary>Reads the bare form, as it stands in protos and the ledger.</summary>
    public static bool TryParse(string? text, out RequestId id)
    {
        var valid = text is { Length: 32 } && !text.AsSpan().ContainsAnyExcept(Digits);
        id = valid ? new(text!) : default;
        return valid;
    }

    /// <summary>Reads <c>chatcmpl-…</c>.</summary>
    public static bool TryParseCompletionId(string? text, out RequestId id)
    {
        id = default;
        return text is not null && text.StartsWith(CompletionPrefix, StringComparison.Ordinal)
            && TryParse(text[CompletionPrefix.Length..], out id);
    }

    public override string ToString() => Value;
}
