using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Documentation;

/// <summary>The README's first requests, run as they stand there: only the address is another one.</summary>
public sealed class ReadmeTests(Marketplace marketplace)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CurlSample_Run_StreamsToTheEnd()
    {
        var output = await RunAsync("sh", ["-c", Sample("sh", containing: "curl -N")], Repository.Root);

        Assert.Contains("data: [DONE]", output.Split('\n'));
    }

    [Fact]
    public async Task NodeSample_Run_PrintsText()
    {
        var output = await RunAsync(
            "node", ["--input-type=module", "-e", Sample("js", containing: "import OpenAI")], Repository.PathOf("tests", "EndToEnd.Tests", "node"));

        Assert.NotEmpty(output.Trim());
    }

    [Fact]
    public async Task CSharpSample_Run_PrintsText()
    {
        var folder = Directory.CreateTempSubdirectory("computeshare-readme-");
        try
        {
            var version = typeof(OpenAI.OpenAIClient).Assembly.GetName().Version!.ToString(3);
            var program = Path.Combine(folder.FullName, "sample.cs");
            await File.WriteAllTextAsync(program, $"#:package OpenAI@{version}\n{Sample("csharp", containing: "ChatClient")}", Token);

            var output = await RunAsync("dotnet", ["run", program], folder.FullName);

            Assert.NotEmpty(output.Trim());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<string> RunAsync(string command, string[] arguments, string folder)
    {
        await using var process = LocalProcess.Start(
            command, arguments, new Dictionary<string, string?> { ["COMPUTESHARE_KEY"] = marketplace.ApiKey }, folder);
        await Poll.UntilAsync($"{command} ends", () => process.HasExited, Limit, Token);
        await process.StopAsync();
        Assert.True(process.ExitCode == 0, process.Output);
        return process.Output;
    }

    private string Sample(string language, string containing) => File.ReadAllText(Repository.PathOf("README.md"))
        .Split("```")
        .Single(block => block.StartsWith(language + "\n", StringComparison.Ordinal) && block.Contains(containing, StringComparison.Ordinal))[language.Length..]
        .Replace("http://localhost:8080/v1", marketplace.Gateway.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal);
}
