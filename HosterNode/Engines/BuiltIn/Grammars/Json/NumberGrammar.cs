using System.Globalization;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>Numbers within bounds, as ranges of their digits.</summary>
internal static class NumberGrammar
{
    private const long MostInteger = 999_999_999_999_999_999;
    private const int LeastDecimals = 2;
    private const int MostDecimals = 6;

    // With six decimals a long still holds its digits.
    private const decimal MostNumber = 999_999_999_999;

    /// <summary>Whole numbers from one to the other; a missing bound is eighteen digits away.</summary>
    public static GrammarNode Integers(decimal? least, decimal? most)
    {
        var (low, high) = (Math.Max(Math.Ceiling(least ?? -MostInteger), -MostInteger), Math.Min(Math.Floor(most ?? MostInteger), MostInteger));
        return low > MostInteger || high < -MostInteger
            ? throw new GrammarException("bounds an integer beyond eighteen digits")
            : Whole((long)low, (long)high, decimals: 0);
    }

    /// <summary>Numbers from one to the other, whole or with as many decimals as the bounds have.</summary>
    public static GrammarNode Numbers(decimal? least, decimal? most)
    {
        var decimals = Math.Max(LeastDecimals, Math.Max(Decimals(least), Decimals(most)));
        if (decimals > MostDecimals)
        {
            throw new GrammarException($"bounds a number by more than {MostDecimals} decimals");
        }

        var (low, high) = (Math.Max(least ?? -MostNumber, -MostNumber), Math.Min(most ?? MostNumber, MostNumber));
        var scale = 1m;
        for (var i = 0; i < decimals; i++)
        {
            scale *= 10;
        }

        return low > high
            ? throw new GrammarException($"bounds a number outside {MostNumber} in either direction")
            : new Choice(
                Whole((long)Math.Ceiling(low), (long)Math.Floor(high), decimals: 0),
                Whole((long)Math.Ceiling(low * scale), (long)Math.Floor(high * scale), decimals));
    }

    /// <summary>How far from an excluded bound numbers begin.</summary>
    public static decimal? Step(decimal? bound)
    {
        var step = 1m;
        for (var i = Math.Max(LeastDecimals, Decimals(bound)); i > 0; i--)
        {
            step /= 10;
        }

        return bound is null ? null : step;
    }

    private static int Decimals(decimal? bound) => bound is { } value ? (value / 1.0000000000000000000000000000m).Scale : 0;

    private static Choice Whole(long least, long most, int decimals)
    {
        var options = new List<GrammarNode>();
        if (most >= 0 && most >= least)
        {
            options.AddRange(Positive(Math.Max(0, least), most, decimals));
        }

        if (least < 0 && most >= least)
        {
            var negative = Positive(Math.Max(1, -most), -least, decimals).ToArray();
            options.Add(new Sequence(JsonParts.Text("-"), new Choice(negative)));
        }

        return new Choice([.. options]);
    }

    /// <summary>One range for each number of digits.</summary>
    private static IEnumerable<GrammarNode> Positive(long least, long most, int decimals)
    {
        for (var digits = Length(least, decimals); digits <= Length(most, decimals); digits++)
        {
            var low = digits == Length(least, decimals) ? Digits(least, digits) : "1".PadRight(digits, '0');
            var high = digits == Length(most, decimals) ? Digits(most, digits) : new string('9', digits);
            yield return Range(low, high, decimals);
        }
    }

    // At least one digit stands before the point.
    private static int Length(long value, int decimals) => Math.Max(decimals + 1, value.ToString(CultureInfo.InvariantCulture).Length);

    private static string Digits(long value, int digits) => value.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');

    /// <summary>The texts from one to the other, both as long; a point stands before the last decimals.</summary>
    private static GrammarNode Range(string low, string high, int decimals)
    {
        if (low.Length == 0)
        {
            return new Sequence();
        }

        GrammarNode node = low[0] == high[0]
            ? new Sequence(Digit(low[0], low[0]), Range(low[1..], high[1..], decimals))
            : Parted(low, high, decimals);
        return low.Length == decimals ? new Sequence(JsonParts.Text("."), node) : node;
    }

    private static Choice Parted(string low, string high, int decimals)
    {
        var (lowRest, highRest) = (low[1..], high[1..]);
        var (zeros, nines) = (new string('0', lowRest.Length), new string('9', lowRest.Length));
        var (first, last) = (low[0], high[0]);
        var options = new List<GrammarNode>();
        if (lowRest != zeros)
        {
            options.Add(new Sequence(Digit(first, first), Range(lowRest, nines, decimals)));
            first++;
        }

        if (highRest != nines)
        {
            options.Add(new Sequence(Digit(last, last), Range(zeros, highRest, decimals)));
            last--;
        }

        if (first <= last)
        {
            options.Add(new Sequence(Digit(first, last), All(lowRest.Length, decimals)));
        }

        return new Choice([.. options]);
    }

    private static GrammarNode All(int digits, int decimals)
    {
        var afterPoint = Math.Min(digits, decimals);
        var before = new Repeat(JsonParts.Digit, digits - afterPoint, digits - afterPoint);
        return decimals == 0 || digits < decimals
            ? new Repeat(JsonParts.Digit, digits, digits)
            : new Sequence(before, JsonParts.Text("."), new Repeat(JsonParts.Digit, decimals, decimals));
    }

    private static OneOf Digit(char first, char last) => new(SymbolSet.Range((byte)first, (byte)last));
}
