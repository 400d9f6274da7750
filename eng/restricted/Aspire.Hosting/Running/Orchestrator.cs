using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>
/// Starts each resource as soon as what it waits for is there, and stops all in the reverse order. Nothing is started again: a
/// resource that dies is reported, and the rest goes on.
/// </summary>
internal sealed class Orchestrator(Application application, Launcher launcher, HealthCheckService health, IServiceProvider services, TimeProvider clock)
    : IHostedService, IDisposable
{
    /// <summary>Above the 20 s after which a life line kills, for each depth of the topology.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan HealthInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<Resource, ChildProcess> _children = [];
    private readonly Lock _gate = new();
    private Task _all = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _all = Task.WhenAll(application.Resources.Select(resource => Task.Run(() => BringUpAsync(resource), CancellationToken.None)));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _all;
        foreach (var level in _children.GroupBy(child => Depth(child.Key)).OrderByDescending(level => level.Key))
        {
            await Task.WhenAll(level.Select(child => child.Value.StopAsync()));
        }
    }

    /// <summary>Ends every child at once.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            foreach (var child in _children.Values)
            {
                child.Kill();
            }
        }
    }

    public void Dispose() => _stopping.Dispose();

    private static int Depth(Resource resource) =>
        resource.Dependencies.Select(dependency => Depth(dependency.Resource) + 1).DefaultIfEmpty(0).Max();

    private async Task BringUpAsync(Resource resource)
    {
        try
        {
            if (await MissingAsync(resource) is { } missing)
            {
                Report($"{resource.Name} does not start, because {missing}.");
                resource.Progress.Ended(-1);
                return;
            }

            await LaunchAsync(resource);
            if (await BecomesHealthyAsync(resource))
            {
                resource.Progress.BecameReady();
                await Task.WhenAll(resource.WhenReady.Select(callback => callback(services, _stopping.Token)));
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped while it was still coming up.
        }
        catch (Exception error)
        {
            Report($"{resource.Name} does not start: {error.Message}");
            resource.Progress.Ended(-1);
        }
    }

    /// <summary>Waits for the dependencies; says which of them will never be there.</summary>
    private async Task<string?> MissingAsync(Resource resource)
    {
        foreach (var (dependency, exitCode) in resource.Dependencies)
        {
            if (exitCode is null)
            {
                if (!await dependency.Progress.IsReadyAsync(_stopping.Token))
                {
                    return $"{dependency.Name} is not there";
                }
            }
            else if (await dependency.Progress.ExitCodeAsync(_stopping.Token) != exitCode)
            {
                return $"{dependency.Name} has failed";
            }
        }

        return null;
    }

    private async Task LaunchAsync(Resource resource)
    {
        if (await launcher.LaunchAsync(resource, _stopping.Token) is not { } child)
        {
            return;
        }

        lock (_gate)
        {
            _children.Add(resource, child);
        }

        _ = ObserveAsync(resource, child);
    }

    private async Task ObserveAsync(Resource resource, ChildProcess child)
    {
        var exitCode = await child.ExitCode;
        var expected = application.Resources.SelectMany(other => other.Dependencies).Any(wait => wait.Resource == resource && wait.ExitCode == exitCode);
        if (!expected && !_stopping.IsCancellationRequested)
        {
            Report($"{resource.Name} has ended with exit code {exitCode}; the rest goes on without it.");
        }

        resource.Progress.Ended(exitCode);
    }

    private async Task<bool> BecomesHealthyAsync(Resource resource)
    {
        if (resource.HealthChecks.Count == 0)
        {
            return true;
        }

        var started = clock.GetTimestamp();
        var warned = false;
        using var timer = new PeriodicTimer(HealthInterval, clock);
        while (!resource.Progress.HasEnded)
        {
            var report = await health.CheckHealthAsync(check => resource.HealthChecks.Contains(check.Name), _stopping.Token);
            if (report.Status == HealthStatus.Healthy)
            {
                return true;
            }

            if (!warned && clock.GetElapsedTime(started) > Patience)
            {
                Report($"{resource.Name} is not healthy yet: {string.Join("; ", report.Entries.Values.Select(entry => entry.Description))}.");
                warned = true;
            }

            await timer.WaitForNextTickAsync(_stopping.Token);
        }

        return false;
    }

    private static void Report(string sentence) => ChildProcess.Print("apphost", sentence);
}
