using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Operations;

/// <summary>
/// The blocks of <c>docs/operations.md</c> that are marked <c>run</c> or <c>service</c>, in their order, as one script: only ports and
/// the two servers' addresses are others.
/// </summary>
internal sealed partial class OperationsScript(string postgres, string service, string redis)
{
    private const string DocumentedPostgres = "Host=localhost;Database=computeshare;Username=computeshare;Password=CHANGE-ME";
    private const string DocumentedService = "Host=localhost;Database=computeshare;Username=computeshare_service;Password=CHANGE-ME-TOO";
    private const string DocumentedRedis = "localhost:6379,password=CHANGE-ME";

    /// <summary>After the page's last block.</summary>
    private const string End = """
        echo "KEY $COMPUTESHARE_KEY"
        wait
        """;

    private readonly Dictionary<string, string> _ports = [];

    public Uri Gateway => new($"http://localhost:{Port("8080")}/v1/");

    public string Text()
    {
        var page = File.ReadAllText(Repository.PathOf("docs", "operations.md"));
        Assert.Contains(DocumentedPostgres, page, StringComparison.Ordinal);
        Assert.Contains(DocumentedService, page, StringComparison.Ordinal);
        Assert.Contains(DocumentedRedis, page, StringComparison.Ordinal);
        var script = new StringBuilder("set -euo pipefail\n");
        foreach (Match block in Block().Matches(page))
        {
            var body = block.Groups["body"].Value;
            script.Append(block.Groups["mark"].Value == "service" ? $"({body}) &\n" : body);
        }

        var text = script.Append(End).ToString()
            .Replace(DocumentedPostgres, postgres, StringComparison.Ordinal)
            .Replace(DocumentedService, service, StringComparison.Ordinal)
            .Replace(DocumentedRedis, redis, StringComparison.Ordinal);
        return DocumentedPort().Replace(text, port => Port(port.Value));
    }

    private string Port(string documented)
    {
        if (!_ports.TryGetValue(documented, out var port))
        {
            port = LoopbackPorts.TakeFree().ToString(CultureInfo.InvariantCulture);
            _ports.Add(documented, port);
        }

        return port;
    }

    [GeneratedRegex("^```sh (?<mark>run|service)\n(?<body>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\b(5001|5002|5011|5012|5101|5102|8080|8081|8082)\b")]
    private static partial Regex DocumentedPort();
}
