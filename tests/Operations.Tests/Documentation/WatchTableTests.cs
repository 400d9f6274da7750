using System.Text.RegularExpressions;
using ComputeShare.TestSupport;

namespace ComputeShare.Operations.Tests.Documentation;

/// <summary>The metrics and health checks of the page are those of the source, none missing and none made up.</summary>
public sealed partial class WatchTableTests
{
    private static readonly string[] Services = ["Gateway", "Scheduler", "Billing", "HosterNode"];

    [Fact]
    public void Metrics_OnThePage_AreThoseOfTheServices()
    {
        var documented = OperationsPage.Rows
            .Where(row => row.Length == 3 && Instrument().IsMatch(OperationsPage.Code(row[0])))
            .SelectMany(row => row[1].Split(", ").Select(service => $"{service} {OperationsPage.Code(row[0])}"));

        Assert.Equal(InSource(Creation()).Order(), documented.Order());
    }

    [Fact]
    public void HealthChecks_OnThePage_AreThoseOfTheServices()
    {
        var documented = OperationsPage.Rows
            .Where(row => row.Length == 3 && Services.Contains(row[0]) && OperationsPage.Code(row[1]).Length > 0)
            .Select(row => $"{row[0]} {OperationsPage.Code(row[1])}");

        Assert.Equal(InSource(Check()).Order(), documented.Order());
    }

    private static IEnumerable<string> InSource(Regex pattern) =>
        from service in Services
        from file in Directory.EnumerateFiles(Repository.PathOf(service), "*.cs", SearchOption.AllDirectories)
        where !Path.GetRelativePath(Repository.PathOf(service), file).StartsWith("obj", StringComparison.Ordinal)
        from Match match in pattern.Matches(File.ReadAllText(file))
        select $"{service} {match.Groups["name"].Value}";

    [GeneratedRegex(@"\.Create(Observable)?(Counter|UpDownCounter|Gauge|Histogram)(<\w+>)?\(\s*""(?<name>[^""]+)""")]
    private static partial Regex Creation();

    [GeneratedRegex(@"\.AddCheck<\w+>\(\s*""(?<name>[^""]+)""")]
    private static partial Regex Check();

    [GeneratedRegex(@"^(gen_ai|computeshare|hw)\.[a-z_.]+$")]
    private static partial Regex Instrument();
}
