using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ComputeShare.ServiceDefaults.Faults;

internal static class FaultPointExtensions
{
    private const string Section = "Faults";
    private const string Folder = "Folder";

    /// <summary>
    /// Reads <c>Faults:POINT = ACTION</c>, and <c>Faults:Folder</c>, where a <see cref="FaultFolder"/> is. A production environment refuses to
    /// start with any.
    /// </summary>
    public static void AddFaultPoints(this WebApplicationBuilder builder)
    {
        var entries = builder.Configuration.GetSection(Section).GetChildren().ToArray();
        if (entries.Length > 0 && builder.Environment.IsProduction())
        {
            throw new InvalidOperationException($"{entries[0].Path} is set: fault points are for tests, not for the Production environment.");
        }

        var faults = entries.Where(entry => entry.Key != Folder).Select(Read).ToArray();
        var folder = builder.Configuration[$"{Section}:{Folder}"] is { Length: > 0 } path ? new FaultFolder(path) : null;
        builder.Services.AddSingleton(services => new FaultPoints(faults, services.GetRequiredService<TimeProvider>(), folder));
    }

    private static Fault Read(IConfigurationSection entry) =>
        Fault.TryParse(entry.Key, entry.Value, out var fault)
            ? fault!
            : throw new InvalidOperationException($"{entry.Path} must be kill, throw or delay:MILLISECONDS, with @N behind it for the Nth arrival only.");
}
