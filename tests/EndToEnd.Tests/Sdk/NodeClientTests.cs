using System.Text.RegularExpressions;
using ComputeShare.TestSupport;

namespace ComputeShare.EndToEnd.Tests.Sdk;

/// <summary>
/// Clients from npm against the product: the official SDK (<c>node/openai.mjs</c>) and Vercel's AI SDK (<c>node/ai-sdk.mjs</c>). What each
/// case asserts stands there.
/// </summary>
public sealed partial class NodeClientTests(NodeClients clients) : IClassFixture<NodeClients>
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var program in new[] { "openai", "ai-sdk" })
        {
            var text = File.ReadAllText(Repository.PathOf("tests", "EndToEnd.Tests", "node", $"{program}.mjs"));
            foreach (Match match in CaseName().Matches(text))
            {
                cases.Add(program, match.Groups[1].Value);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Client_Case_Passes(string program, string name)
    {
        Assert.True(clients.ResultsOf(program).TryGetValue(name, out var error), "The case was not run.");
        Assert.True(error is null, error);
    }

    [GeneratedRegex(@"^  async '([^']+)'\(\)", RegexOptions.Multiline)]
    private static partial Regex CaseName();
}
