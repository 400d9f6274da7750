using System.Globalization;

namespace ComputeShare.Contracts;

/// <summary>
/// An amount in nano-dollars (10⁻⁹ USD): the only money type. <see cref="long"/> holds ±9.2 billion dollars; arithmetic that would
/// leave that range throws <see cref="OverflowException"/>.
/// </summary>
public readonly record struct Money(long NanoDollars) : IComparable<Money>
{
    public const long NanoDollarsPerDollar = 1_000_000_000;

    public static readonly Money Zero;

    public static Money FromDollars(decimal dollars) => new(checked((long)decimal.Round(dollars * NanoDollarsPerDollar)));

    public static Money operator +(Money left, Money right) => new(checked(left.NanoDollars + right.NanoDollars));

    public static Money operator -(Money left, Money right) => new(checked(left.NanoDollars - right.NanoDollars));

    public static Money operator -(Money value) => new(checked(-value.NanoDollars));

    public static bool operator <(Money left, Money right) => left.NanoDollars < right.NanoDollars;

    public static bool operator >(Money left, Money right) => left.NanoDollars > right.NanoDollars;

    public static bool operator <=(Money left, Money right) => left.NanoDollars <= right.NanoDollars;

    public static bool operator >=(Money left, Money right) => left.NanoDollars >= right.NanoDollars;

    public static Money Add(Money left, Money right) => left + right;

    public static Money Subtract(Money left, Money right) => left - right;

    public static Money Negate(Money value) => -value;

    public int CompareTo(Money other) => NanoDollars.CompareTo(other.NanoDollars);

    /// <summary>Dollars with nine decimals, such as <c>0.000012345</c>.</summary>
    public override string ToString() =>
        ((decimal)NanoDollars / NanoDollarsPerDollar).ToString("0.000000000", CultureInfo.InvariantCulture);
}
