using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using ComputeShare.TestSupport;

namespace ComputeShare.Operations.Tests.SupplyChain;

/// <summary>What others made, as <c>eng/supply-chain.mjs</c> sees it on this machine. Whoever asks the registries does so by hand: tests answer in their place.</summary>
public sealed class SupplyChainTests : IDisposable
{
    private static readonly string LockFile = Repository.PathOf("eng", "packages.lock.json");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("computeshare-supply-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Packages_ThatAreRestored_HaveTheBytesThatAreLocked()
    {
        var (code, said) = await RunAsync(LockFile, "verify");

        Assert.True(code == 0, said);
    }

    [Fact]
    public async Task Package_WithOtherBytes_IsNamed()
    {
        var locked = JsonNode.Parse(await File.ReadAllTextAsync(LockFile, TestContext.Current.CancellationToken))!.AsObject();
        var name = locked.Select(package => package.Key).First(package => package.StartsWith("Npgsql/", StringComparison.Ordinal));
        locked[name] = "AAAA";
        var changed = Path.Combine(_folder.FullName, "lock.json");
        await File.WriteAllTextAsync(changed, locked.ToJsonString(), TestContext.Current.CancellationToken);

        var (code, said) = await RunAsync(changed, "verify");

        Assert.Equal(1, code);
        Assert.Contains(name, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OfAllPackages_KnowsWhatIsShippedAndWhatItIsMadeOf()
    {
        var file = Path.Combine(_folder.FullName, "sbom.json");

        var (code, said) = await RunAsync(LockFile, "sbom", file);

        Assert.True(code == 0, said);
        var sbom = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        var components = sbom["components"]!.AsArray().ToDictionary(component => (string)component!["bom-ref"]!);
        var used = sbom["dependencies"]!.AsArray().SelectMany(dependency => dependency!["dependsOn"]!.AsArray()).Select(reference => (string)reference!);
        Assert.Equal("CycloneDX", (string?)sbom["bomFormat"]);
        Assert.Empty(used.Except(components.Keys));
        Assert.Contains(components.Values, component => (string?)component!["name"] == "Npgsql" && (string?)component["scope"] == "required");
        Assert.Contains(components.Values, component => (string?)component!["name"] == "openai" && (string?)component["scope"] == "excluded");
    }

    [Theory]
    [InlineData("", 3, "NOT AUDITED")]
    [InlineData("""{"metadata":{"vulnerabilities":{"total":0}},"vulnerabilities":{}}""", 3, "NuGet: NOT AUDITED")]
    [InlineData("""{"metadata":{"vulnerabilities":{"total":1}},"vulnerabilities":{"left-pad":{}}}""", 1, "left-pad")]
    public async Task Audit_WithoutAnAnswerOrWithAFinding_FailsAndSaysWhy(string answerOfNpm, int expected, string sentence)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("What stands in for dotnet and npm are shell scripts.");
            return;
        }

        // No source of packages, so that nobody is asked.
        WriteProgram("dotnet", "");
        WriteProgram("npm", $"echo '{answerOfNpm}'");

        var (code, said) = await RunAsync(LockFile, "audit");

        Assert.Equal(expected, code);
        Assert.Contains(sentence, said, StringComparison.Ordinal);
    }

    [UnsupportedOSPlatform("windows")]
    private void WriteProgram(string name, string script)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // Programs of the test's folder go before the machine's.
    private async Task<(int Code, string Said)> RunAsync(string lockFile, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [Repository.PathOf("eng", "supply-chain.mjs"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["COMPUTESHARE_PACKAGES_LOCK"] = lockFile,
                ["PATH"] = _folder.FullName + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
            },
        })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, string.Concat(said));
    }
}
