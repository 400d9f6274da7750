using System.Text.RegularExpressions;
using ComputeShare.TestSupport;

namespace ComputeShare.Operations.Tests.Documentation;

/// <summary>A claim of docs/security.md or docs/reliability.md names the tests that show it: they are there, and so are the types.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly string[] Projects = ["Billing", "Gateway", "HosterNode", "Scheduler", "ServiceDefaults", "tests/Gateway.Tests", "tests/HosterNode.Tests"];

    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "security.md"));

    [Theory]
    [InlineData("security.md")]
    [InlineData("reliability.md")]
    public void Tests_ThatThePageNames_AreThere(string page)
    {
        var there = Directory.EnumerateFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension);
        var named = Name().Matches(File.ReadAllText(Repository.PathOf("docs", page))).Select(match => match.Groups[1].Value).Distinct().ToArray();

        Assert.True(named.Length > 20);
        Assert.Empty(named.Except(there));
    }

    [Fact]
    public void Types_ThatThePageNames_AreThere()
    {
        var sources = Projects.SelectMany(project => Directory.EnumerateFiles(Repository.PathOf(project), "*.cs", SearchOption.AllDirectories)).Select(Path.GetFileNameWithoutExtension).ToHashSet();

        var named = Type().Matches(Page).Select(match => match.Groups[1].Value).Where(name => !name.EndsWith("Tests", StringComparison.Ordinal)).Distinct();

        Assert.Empty(named.Except(sources));
    }

    [GeneratedRegex("`([A-Z][A-Za-z0-9]+Tests)`")]
    private static partial Regex Name();

    // A class, or a class with a member; what has a colon is a setting, what has a dash or a slash something else.
    [GeneratedRegex(@"`([A-Z][a-z]+[A-Z][A-Za-z]+)(?:\.[A-Z][A-Za-z]+)?`")]
    private static partial Regex Type();
}
