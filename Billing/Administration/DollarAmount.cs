using System.Globalization;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Administration;

/// <summary>Dollars as an operator types them.</summary>
internal static class DollarAmount
{
    private const NumberStyles PlainNumber = NumberStyles.AllowDecimalPoint;

    /// <summary>Null: no plain number of 0 or more, above <paramref name="most"/>, or finer than a nano-dollar.</summary>
    public static Money? TryParse(string text, decimal most) =>
        decimal.TryParse(text, PlainNumber, CultureInfo.InvariantCulture, out var dollars)
        && dollars <= most
        && decimal.IsInteger(dollars * Money.NanoDollarsPerDollar)
            ? Money.FromDollars(dollars)
            : null;
}
