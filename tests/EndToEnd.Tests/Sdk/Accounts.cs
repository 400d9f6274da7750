using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Sdk;

/// <summary>Accounts beside the demo's, made by the operator's own commands.</summary>
internal sealed class Accounts(Marketplace marketplace)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <returns>A key of a new account.</returns>
    public async Task<string> CreateAsync(string name, decimal dollars, int? requestsPerMinute = null, string? models = null)
    {
        await AdminAsync("account", "create", name, "--kind", "consumer");
        if (dollars > 0)
        {
            await AdminAsync("credit", name, dollars.ToString(System.Globalization.CultureInfo.InvariantCulture), "--reference", name);
        }

        if (requestsPerMinute is { } limit)
        {
            await AdminAsync("account", "limits", name, "--requests-per-minute", limit.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        string[] allowed = models is null ? [] : ["--models", models];
        var output = await AdminAsync(["key", "create", name, .. allowed]);
        return output.Split('\n').Single(line => line.StartsWith("ngk_", StringComparison.Ordinal)).Trim();
    }

    private async Task<string> AdminAsync(params string[] arguments)
    {
        await using var admin = LocalProcess.Start(
            "dotnet",
            [Repository.PathOf("Billing", "bin", "Debug", "net10.0", "ComputeShare.Billing.dll"), "admin", .. arguments],
            new Dictionary<string, string?> { ["ConnectionStrings__billing"] = marketplace.BillingDatabase });
        await Poll.UntilAsync($"admin {arguments[0]} ends", () => admin.HasExited, Limit, Token);
        await admin.StopAsync();
        Assert.True(admin.ExitCode == 0, admin.Output);
        return admin.Output;
    }
}
