namespace Aspire.Hosting.Running;

/// <summary>The real Aspire dashboard, out of the npm package of the Aspire CLI (eng/restricted/dashboard), with all its doors closed.</summary>
internal static class Dashboard
{
    public const string UrlKey = "ASPNETCORE_URLS";
    public const string OtlpUrlKey = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    public const string Name = "aspire-dashboard";

    /// <summary>None without an address, as in an application that wants none.</summary>
    public static void AddDashboard(this IDistributedApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (!Uri.TryCreate(configuration[UrlKey], UriKind.Absolute, out var address))
        {
            return;
        }

        builder.AddExecutable(Name, "../eng/restricted/dashboard", ".", "run")
            .WithEndpoint(port: address.Port, scheme: "http", name: "http")
            .WithHttpHealthCheck("/login")
            .WithEnvironment("ASPNETCORE_URLS", address.ToString())
            .WithEnvironment(OtlpUrlKey, configuration[OtlpUrlKey])
            .WithEnvironment("DASHBOARD__FRONTEND__AUTHMODE", "BrowserToken")
            .WithEnvironment("DASHBOARD__FRONTEND__BROWSERTOKEN", configuration["AppHost:BrowserToken"])
            .WithEnvironment("DASHBOARD__OTLP__AUTHMODE", "ApiKey")
            .WithEnvironment("DASHBOARD__OTLP__PRIMARYAPIKEY", configuration["AppHost:OtlpApiKey"])
            .WithEnvironment("DASHBOARD__API__AUTHMODE", "ApiKey")
            .WithEnvironment("DASHBOARD__API__PRIMARYAPIKEY", configuration["AppHost:DashboardApiKey"])
            .WithEnvironment("DASHBOARD__APPLICATIONNAME", "ComputeShare")
            .WithEnvironment("ASPIRE_CLI_TELEMETRY_OPTOUT", "1")
            .WithEnvironment("ASPIRE_DASHBOARD_TELEMETRY_OPTOUT", "true")
            .WithEnvironment("LOGGING__LOGLEVEL__DEFAULT", "Warning");
    }
}
