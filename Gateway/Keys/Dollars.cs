using System.Globalization;
using ComputeShare.Contracts;

namespace ComputeShare.Gateway.Keys;

/// <summary>Nano-dollars as JSON tells them: dollars, exact, with as many decimals as there are.</summary>
internal static class Dollars
{
    public static decimal Of(long nanoDollars) => (decimal)nanoDollars / Money.NanoDollarsPerDollar;

    /// <summary>The same as a text, for readers whose numbers are not exact.</summary>
    public static string Text(long nanoDollars) => Of(nanoDollars).ToString("0.#########", CultureInfo.InvariantCulture);
}
