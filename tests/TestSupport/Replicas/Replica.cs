using System.Net;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>One process of the <see cref="Cluster"/>: it can be killed and started again, on the same ports, with faults or without.</summary>
/// <param name="project">What it runs.</param>
/// <param name="name">Its own.</param>
/// <param name="health">Its health port.</param>
/// <param name="environment">Its settings.</param>
/// <param name="within">A command that runs it, such as <c>taskset -c 1</c>; null: it runs by itself.</param>
internal sealed class Replica(
    string project, string name, int health, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string>? within = null) : IAsyncDisposable
{
    // Where dozens of them start on two cores.
    private static readonly TimeSpan HealthLimit = TimeSpan.FromMinutes(3);

    private readonly HttpClient _health = new() { BaseAddress = new Uri($"http://127.0.0.1:{health}"), Timeout = TimeSpan.FromSeconds(5) };
    private readonly List<string> _past = [];
    private LocalProcess? _process;

    public string Name => name;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>It runs with faults: what comes after it wants another one.</summary>
    public bool IsArmed { get; private set; }

    /// <summary>So far, since it was started last.</summary>
    public TimeSpan ProcessorTime => _process!.ProcessorTime;

    public long ResidentBytes => _process!.ResidentBytes;

    /// <summary>Null while it does not run.</summary>
    public Footprint? Footprint => _process?.Footprint;

    public string OutputSinceStart => _process?.Output ?? "";

    public string Output => string.Join('\n', [.. _past, _process?.Output]);

    /// <param name="faults">Such as <c>("node.generate.token", "kill@3")</c>.</param>
    public void Start(params (string Point, string Action)[] faults)
    {
        IsArmed = faults.Length > 0;
        var program = Repository.ServiceProgram(project);
        // Shells on the way drop variables whose names hold dots, as those of fault points do.
        string[] command = [.. within ?? [], "env", .. faults.Select(fault => $"Faults__{fault.Point}={fault.Action}"), "dotnet", program];
        _process = LocalProcess.Start(
            command[0],
            command[1..],
            environment.ToDictionary(variable => variable.Key, variable => (string?)variable.Value),
            Path.GetDirectoryName(program));
    }

    public async Task WaitUntilHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Poll.UntilAsync($"{name} is healthy", IsHealthyAsync, HealthLimit, cancellationToken);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message} Its output:\n{Output}", late);
        }

        async Task<bool> IsHealthyAsync()
        {
            if (!IsRunning)
            {
                throw new InvalidOperationException($"{name} has ended. Its output:\n{Output}");
            }

            try
            {
                using var response = await _health.GetAsync(new Uri("/health", UriKind.Relative), cancellationToken);
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
        {
            await _process.KillAsync();
            await ForgetAsync();
        }
    }

    public async Task RestartAsync(CancellationToken cancellationToken, params (string Point, string Action)[] faults)
    {
        await KillAsync();
        Start(faults);
        await WaitUntilHealthyAsync(cancellationToken);
    }

    /// <summary>SIGTERM; returns when it has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        await _process!.StopAsync();
        var code = _process.ExitCode;
        await ForgetAsync();
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync();
            await ForgetAsync();
        }

        _health.Dispose();
    }

    private async Task ForgetAsync()
    {
        _past.Add(_process!.Output);
        await _process.DisposeAsync();
        _process = null;
    }
}
