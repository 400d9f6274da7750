using System.Text.RegularExpressions;

namespace ComputeShare.Gateway.Tests.Fakes;

internal static partial class Wire
{
    public const string Ask = """{"model":"auto","messages":[{"role":"user","content":"Hi"}]}""";

    public const string AskStream = """{"model":"auto","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    public static string Normalize(string body) => Created().Replace(Id().Replace(body, "ID"), "$1:0");

    /// <summary>Names of the response's headers that are not OpenAI's.</summary>
    public static IEnumerable<string> OwnHeaders(HttpResponseMessage response) =>
        response.Headers.Select(header => header.Key).Where(name => name.StartsWith("x-computeshare-", StringComparison.Ordinal));

    [GeneratedRegex("(?<=[-_])[0-9a-f]{32}")]
    private static partial Regex Id();

    [GeneratedRegex("(\"created(?:_at)?\"):[0-9]+")]
    private static partial Regex Created();
}
