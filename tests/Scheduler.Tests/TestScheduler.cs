using ComputeShare.Scheduler.Affinity;
using ComputeShare.Scheduler.Queueing;
using ComputeShare.ServiceDefaults.Ports;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Scheduler.Tests;

/// <summary>The real scheduler service on free ports of this process.</summary>
internal sealed class TestScheduler : IAsyncDisposable
{
    public const string Secret = "a secret that only the tests' own services share";

    private readonly WebApplication _app;

    private TestScheduler(WebApplication app)
    {
        _app = app;
        var urls = app.Urls.Select(url => new Uri(url)).ToArray();
        (Internal, Health) = (urls[0], urls[1]);
    }

    public Uri Internal { get; }

    public Uri Health { get; }

    /// <summary>How many reserves wait for a slot.</summary>
    public int Waiting => _app.Services.GetRequiredService<WaitingRoom>().Count;

    /// <summary>How many beginnings of prompts it knows a holder of.</summary>
    public int KnownPrefixes => _app.Services.GetRequiredService<PrefixTable>().Count;

    public static async Task<TestScheduler> StartAsync(string redis, params string[] settings)
    {
        var app = SchedulerProgram.Build(
        [
            "--environment=Development", "--Ports:Internal=0", "--Ports:Health=0", "--Logging:LogLevel:Default=None",
            $"--Services:Secret={Secret}", $"--ConnectionStrings:redis={redis}", .. settings,
        ]);
        await app.StartAsync();
        return new TestScheduler(app);
    }

    public GrpcChannel OpenChannel() => StreamingChannel.Open(Internal, TimeSpan.FromSeconds(2));

    public TestSession OpenSession() => new(OpenChannel());

    /// <summary>What a path of the health port says: <c>Healthy</c> or <c>Unhealthy</c>.</summary>
    public async Task<string> HealthAsync(string path)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(Health, path));
        return await response.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
