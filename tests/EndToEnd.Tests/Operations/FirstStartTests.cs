using System.Net;
using System.Net.Http.Json;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Npgsql;

namespace ComputeShare.EndToEnd.Tests.Operations;

/// <summary>A production start as <c>docs/operations.md</c> describes it, without AppHost and demo data, by the page's own commands.</summary>
public sealed class FirstStartTests
{
    private static readonly string[] Programs = ["Gateway", "Scheduler", "Billing", "HosterNode"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    // The gateway remembers a key for 5 s.
    private static readonly TimeSpan RevocationLimit = TimeSpan.FromSeconds(15);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Steps_OnEmptyServers_LeadToTheFirstRequestAndARevokedKeyIsRefused()
    {
        await using var postgres = await PostgresServer.StartAsync(Token);
        await using var redis = await RedisServer.StartAsync(Token);
        var database = await postgres.CreateDatabaseAsync(Token);
        var script = new OperationsScript(database, await ServiceAsync(database), redis.ConnectionString);
        var folder = Directory.CreateTempSubdirectory("computeshare-operations-");
        try
        {
            LinkPrograms(folder.FullName);
            await using var shell = LocalProcess.Start("bash", ["-c", script.Text()], Production, folder.FullName);
            var key = (await shell.WaitForLineAsync(line => line.StartsWith("KEY ", StringComparison.Ordinal), Limit, Token))["KEY ".Length..];

            Assert.Contains("data: [DONE]", shell.Output.Split('\n'));
            Assert.Contains(shell.Output.Split('\n'), line => line.Contains("acme", StringComparison.Ordinal) && line.Contains("consumer", StringComparison.Ordinal));
            Assert.DoesNotContain("demo", shell.Output, StringComparison.OrdinalIgnoreCase);
            await RefusesAsync(script.Gateway, key);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The services' role, as the page's second step makes it; the owner is there already.</summary>
    private static async Task<string> ServiceAsync(string owner)
    {
        const string Password = "CHANGE-ME-TOO";
        await using var source = NpgsqlDataSource.Create(owner);
        await using var create = source.CreateCommand($"CREATE ROLE computeshare_service LOGIN PASSWORD '{Password}'");
        await create.ExecuteNonQueryAsync(Token);
        return new NpgsqlConnectionStringBuilder(owner) { Username = "computeshare_service", Password = Password }.ConnectionString;
    }

    private static Dictionary<string, string?> Production => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = null,
        ["DOTNET_ENVIRONMENT"] = null,
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = null,
    };

    // In place of the page's `dotnet publish`, which would build everything a second time.
    private static void LinkPrograms(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "out"));
        foreach (var program in Programs)
        {
            Directory.CreateSymbolicLink(Path.Combine(folder, "out", program), Repository.PathOf(program, "bin", "Debug", "net10.0"));
        }
    }

    private static async Task RefusesAsync(Uri gateway, string key)
    {
        using var client = new HttpClient { BaseAddress = gateway };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        await Poll.UntilAsync(
            "the revoked key is refused with 401",
            async () =>
            {
                using var response = await client.PostAsJsonAsync(
                    new Uri("chat/completions", UriKind.Relative),
                    new { model = "auto", max_tokens = 1, messages = new[] { new { role = "user", content = "Hello" } } },
                    Token);
                return response.StatusCode == HttpStatusCode.Unauthorized;
            },
            RevocationLimit,
            Token);
    }
}
