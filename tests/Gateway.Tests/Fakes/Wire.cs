using System.Text.RegularExpressions;

namespace ComputeShare.Gateway.Tests.Fakes;

internal static partial class Wire
{
    public const string Ask = """{"model":"auto","messages":[{"role":"user","content":"Hi"}]}""";

    public const string AskStream = """{"model":"auto","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    public static string Normalize(string body) => Created().Replace(Id().Replace(body, "ID"), "$1:0");

    [GeneratedRegex("(?<=[-_])[0-9a-f]{32}")]
    private static partial Regex Id();

    [GeneratedRegex("(\"created(?:_at)?\"):[0-9]+")]
    private static partial Regex Created();
}
