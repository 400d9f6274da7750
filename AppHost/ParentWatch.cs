using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ComputeShare.AppHost;

/// <summary>
/// Stops the application when the <c>dotnet run</c> that started it is gone, also by kill -9: a signal that only <c>dotnet run</c> gets
/// would leave everything else running. Any other parent, such as a shell, may end without that meaning anything.
/// </summary>
internal sealed class ParentWatch(IHostApplicationLifetime lifetime) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!OperatingSystem.IsLinux() || Parent() is not { } parent || !IsDotnetRun(parent))
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Parent() != parent)
            {
                lifetime.StopApplication();
                return;
            }
        }
    }

    /// <summary>The fourth field of stat; the second, the command in brackets, may contain anything.</summary>
    private static int? Parent()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return int.TryParse(fields[1], CultureInfo.InvariantCulture, out var parent) ? parent : null;
    }

    private static bool IsDotnetRun(int process)
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
            return Path.GetFileName(arguments[0]) == "dotnet" && arguments.Contains("run");
        }
        catch (IOException)
        {
            return false;
        }
    }
}

internal static class ParentWatchExtensions
{
    public static void StopWithDotnetRun(this IDistributedApplicationBuilder builder) => builder.Services.AddHostedService<ParentWatch>();
}
