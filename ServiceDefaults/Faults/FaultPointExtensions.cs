using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ComputeShare.ServiceDefaults.Faults;

internal static class FaultPointExtensions
{
    private const string Section = "Faults";

    /// <summary>Reads <c>Faults:POINT = ACTION</c>. A production environment refuses to start with any.</summary>
    public static void AddFaultPoints(this WebApplicationBuilder builder)
    {
        var faults = builder.Configuration.GetSection(Section).GetChildren().Select(Read).ToArray();
        if (faults.Length > 0 && builder.Environment.IsProduction())
        {
            throw new InvalidOperationException($"{Section}:{faults[0].Point} is set: fault points are for tests, not for the Production environment.");
        }

        builder.Services.AddSingleton(services => new FaultPoints(faults, services.GetRequiredService<TimeProvider>()));
    }

    private static Fault Read(IConfigurationSection entry) =>
        Fault.TryParse(entry.Key, entry.Value, out var fault)
            ? fault!
            : throw new InvalidOperationException($"{entry.Path} must be kill, throw or delay:MILLISECONDS, with @N behind it for the Nth arrival only.");
}
