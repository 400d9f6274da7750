using System.Globalization;
using System.Text.RegularExpressions;
using ComputeShare.TestSupport;

namespace ComputeShare.Operations.Tests.Documentation;

/// <summary>
/// Every numbered item of what an OpenAI client can hold us to has a test that names its number: <c>[Trait("Wire", "33")]</c>. Which items
/// there are, and what they say, stands in docs/wire.md.
/// </summary>
public sealed partial class WireItemTests
{
    // Shown with billing and hardening.
    private static readonly int[] Elsewhere = [49, 59, 60];

    [Fact]
    public void Items_OfTheWire_EachHaveATest()
    {
        var named = Directory.EnumerateFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Named().Matches(File.ReadAllText(file)))
            .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
            .ToHashSet();

        Assert.Empty(Enumerable.Range(1, 60).Except(Elsewhere).Except(named));
    }

    [GeneratedRegex("\\[Trait\\(\"Wire\", \"([0-9]+)\"\\)\\]")]
    private static partial Regex Named();
}
