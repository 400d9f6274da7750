using System.Buffers;
using System.Globalization;

namespace ComputeShare.Scheduler.Leases;

/// <summary>
/// A UUIDv7 and the lease's number of slots, <c>0198…-2</c>: a lease that Redis lost can be taken again from its id alone. It is not
/// made of request and attempt: a gateway that lost its session repeats a reserve at another Scheduler while the first one still gives
/// back what nobody waits for, and the same id would let it give back the second one's slots.
/// </summary>
internal readonly record struct LeaseId
{
    /// <summary>The most choices of one request.</summary>
    public const int MaxSlots = 8;

    private const int UuidLength = 32;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private LeaseId(string value, int slots) => (Value, Slots) = (value, slots);

    public string Value { get; }

    public int Slots { get; }

    public static LeaseId New(int slots, TimeProvider clock) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Guid.CreateVersion7(clock.GetUtcNow()):N}-{slots}"), slots);

    public static bool TryParse(string text, out LeaseId id)
    {
        var valid = text.Length == UuidLength + 2
            && !text.AsSpan(0, UuidLength).ContainsAnyExcept(HexDigits)
            && text[UuidLength] == '-'
            && text[^1] is >= '1' and <= (char)('0' + MaxSlots);
        id = valid ? new(text, text[^1] - '0') : default;
        return valid;
    }

    public override string ToString() => Value;
}
