using System.Collections;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>The environment of a child: the AppHost's own, what Aspire sets for telemetry, the ports, and what Program.cs says.</summary>
internal sealed class ChildEnvironment(IConfiguration configuration, IHostEnvironment host)
{
    // They describe the AppHost and its dashboard, not the child.
    private static readonly string[] NotInherited = ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "DOTNET_LAUNCH_PROFILE", "ASPIRE_", "OTEL_"];

    public async Task<IReadOnlyDictionary<string, string>> ForAsync(Resource resource, CancellationToken cancellationToken)
    {
        var variables = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(entry => (Name: (string)entry.Key, Value: (string?)entry.Value ?? ""))
            .Where(variable => !NotInherited.Any(prefix => variable.Name.StartsWith(prefix, StringComparison.Ordinal)))
            .ToDictionary(variable => variable.Name, variable => variable.Value);
        if (resource is ProjectResource)
        {
            AddTelemetry(variables, resource.Name);
        }

        foreach (var endpoint in resource.Endpoints.Where(endpoint => endpoint.Variable is not null))
        {
            variables[endpoint.Variable!] = endpoint.TargetPort.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        foreach (var (name, value) in resource.Environment)
        {
            variables[name] = await TextAsync(value, cancellationToken);
        }

        return variables;
    }

    public static async ValueTask<string> TextAsync(object value, CancellationToken cancellationToken) =>
        value is IValueProvider provider ? await provider.GetValueAsync(cancellationToken) ?? "" : (string)value;

    /// <summary>As Aspire's OtlpConfigurationExtensions, but message contents are never asked for.</summary>
    private void AddTelemetry(Dictionary<string, string> variables, string resource)
    {
        if (configuration[Dashboard.OtlpUrlKey] is not { Length: > 0 } endpoint)
        {
            return;
        }

        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
        variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={configuration["AppHost:OtlpApiKey"]}";
        variables["OTEL_SERVICE_NAME"] = resource;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Guid.CreateVersion7():N}";
        if (host.IsDevelopment())
        {
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
        }
    }
}
