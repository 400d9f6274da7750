using System.Globalization;
using ComputeShare.TestSupport;

namespace ComputeShare.Operations.Tests.Documentation;

/// <summary><c>docs/operations.md</c>, as its tables say it.</summary>
internal static class OperationsPage
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("min", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)),
        ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    public static string Text { get; } = File.ReadAllText(Repository.PathOf("docs", "operations.md"));

    /// <summary>The cells of the tables' rows.</summary>
    public static IReadOnlyList<string[]> Rows { get; } =
    [
        .. from line in Text.Split('\n')
           where line.StartsWith("| ", StringComparison.Ordinal)
           select line.Replace("\\|", "/", StringComparison.Ordinal).Trim('|').Split('|', StringSplitOptions.TrimEntries),
    ];

    /// <summary>What stands between the first backticks of a cell.</summary>
    public static string Code(string cell) => cell.Split('`') is [_, var code, ..] ? code : "";

    /// <summary>As the page writes a number or a duration.</summary>
    public static string Shown(object? value) => value switch
    {
        int number => number.ToString("N0", CultureInfo.InvariantCulture),
        long number => number.ToString("N0", CultureInfo.InvariantCulture),
        TimeSpan { Ticks: 0 } => "0",
        TimeSpan duration => Units
            .Where(unit => duration.Ticks % unit.Length.Ticks == 0)
            .Select(unit => $"{duration.Ticks / unit.Length.Ticks} {unit.Unit}")
            .First(),
        _ => throw new ArgumentException($"{value} is neither a number nor a duration.", nameof(value)),
    };

    /// <summary>As the page writes the bound of a range, which stands in code as in configuration.</summary>
    public static string ShownBound(string bound) => bound.Contains(':', StringComparison.Ordinal)
        ? Shown(TimeSpan.Parse(bound, CultureInfo.InvariantCulture))
        : Shown(int.Parse(bound, CultureInfo.InvariantCulture));
}
