using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>A real gateway on real ports, with a real Redis, between fakes of the other processes.</summary>
internal sealed class Market : IAsyncDisposable
{
    private const string Secret = "the-service-secret-of-the-tests-0";
    public const string AnswerKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    public const string DialToken = "dial-token-of-the-tests-0123456789";

    private readonly DirectoryInfo _spool = Directory.CreateTempSubdirectory("computeshare-spool-");
    private readonly List<FakeService> _services = [];
    private WebApplication _gateway = null!;
    private int _servicesPort;

    private Market(int nodes)
    {
        Nodes = [.. Enumerable.Range(0, nodes).Select(_ => new FakeNode())];
        Scheduler.Nodes = [.. Enumerable.Range(0, nodes).Select(index => $"node-{index}")];
    }

    public FakeScheduler Scheduler { get; } = new();

    public FakeBilling Billing { get; } = new();

    public IReadOnlyList<FakeNode> Nodes { get; }

    public string Spool => _spool.FullName;

    public Uri Public => new(_gateway.Urls.First());

    public IServiceProvider Services => _gateway.Services;

    public Uri Internal => new(_gateway.Urls.ElementAt(1));

    public Uri Health => new(_gateway.Urls.Last());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<Market> StartAsync(RedisServer redis, int nodes = 1, params string[] options) => StartAsync(redis, new Market(nodes), nodes, options);

    /// <param name="prepare">What Billing is to know before the gateway starts.</param>
    public static Task<Market> StartAsync(RedisServer redis, Action<FakeBilling> prepare, params string[] options)
    {
        var market = new Market(1);
        prepare(market.Billing);
        return StartAsync(redis, market, 1, options);
    }

    private static async Task<Market> StartAsync(RedisServer redis, Market market, int nodes, string[] options)
    {
        var services = await market.StartServicesAsync();
        List<string> arguments =
        [
            "--Ports:Public=0", "--Ports:Internal=0", "--Ports:Health=0", $"--Services:Secret={Secret}", "--Logging:LogLevel:Default=None",
            $"--services:scheduler:http:0={services.Address}", $"--services:billing:http:0={services.Address}",
            $"--ConnectionStrings:redis={redis.ConnectionString}", $"--Settlement:SpoolPath={market.Spool}", "--Settlement:ReplayEvery=00:00:00.05",
            "--Sessions:FirstPause=00:00:00.02", $"--Idempotency:AnswerKey={AnswerKey}",
        ];
        market._gateway = Program.Build([.. arguments, .. options]);
        await market._gateway.StartAsync(Token);
        await market.UntilHealthyAsync();
        for (var index = 0; index < nodes; index++)
        {
            var node = await market.StartNodeAsync(market.Nodes[index]);
            using var joined = await market.JoinAsync($"node-{index}", node.Address);
            Assert.Equal(HttpStatusCode.OK, joined.StatusCode);
        }

        return market;
    }

    /// <summary>The Scheduler and the Billing; after <see cref="StopServicesAsync"/> on the same port.</summary>
    public async Task<FakeService> StartServicesAsync()
    {
        var services = await FakeService.StartAsync(
            Secret,
            registered => registered.AddSingleton(Scheduler).AddSingleton(Billing),
            app =>
            {
                app.MapGrpcService<FakeScheduler>();
                app.MapGrpcService<FakeBilling>();
            },
            _servicesPort);
        _servicesPort = services.Address.Port;
        _services.Insert(0, services);
        return services;
    }

    public async Task StopServicesAsync()
    {
        var services = _services[0];
        _services.RemoveAt(0);
        await services.DisposeAsync();
    }

    /// <summary>The node on a port of its own, not joined.</summary>
    public async Task<FakeService> StartNodeAsync(FakeNode node, int port = 0)
    {
        var service = await FakeService.StartAsync(DialToken, registered => registered.AddSingleton(node), app => app.MapGrpcService<FakeNode>(), port);
        _services.Add(service);
        return service;
    }

    /// <summary>Tells the gateway to stop; completes when it has.</summary>
    public Task StopGatewayAsync() => _gateway.StopAsync(CancellationToken.None);

    /// <summary>Asks the gateway to call a node, as the node does.</summary>
    public Task<HttpResponseMessage> JoinAsync(string id, Uri address, string incarnation = "first", string dialToken = DialToken) =>
        JoinAsync(JsonSerializer.Serialize(new { node_id = id, address = address.ToString(), dial_token = dialToken, incarnation }), Billing.HosterKey);

    public async Task<HttpResponseMessage> JoinAsync(string body, string key)
    {
        using var client = new HttpClient { BaseAddress = Public };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await client.PostAsync(new Uri("/v1/nodes", UriKind.Relative), content, Token);
    }

    public async Task UntilHealthyAsync()
    {
        using var client = new HttpClient { BaseAddress = Health };
        await Poll.UntilAsync("the gateway is healthy", async () =>
        {
            using var health = await client.GetAsync(new Uri("/health", UriKind.Relative), Token);
            return health.IsSuccessStatusCode;
        }, TimeSpan.FromSeconds(20), Token);
    }

    public HttpClient CreateClient()
    {
        // Leaving is leaving: by default the handler first tries to read the rest.
        var handler = new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero };
        var client = new HttpClient(handler) { BaseAddress = Public };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Billing.Key);
        return client;
    }

    public async Task<HttpResponseMessage> PostAsync(string body, bool untilHeaders = false, string path = "/v1/chat/completions")
    {
        using var client = CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        var response = await client.SendAsync(request, untilHeaders ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, Token);
        return response;
    }

    /// <summary>The body of one request, with what differs from run to run replaced: the id and the time.</summary>
    public async Task<string> PostForBodyAsync(string body, string path = "/v1/chat/completions")
    {
        using var response = await PostAsync(body, path: path);
        return Wire.Normalize(await response.Content.ReadAsStringAsync(Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.StopAsync(CancellationToken.None);
        await _gateway.DisposeAsync();
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        Scheduler.Dispose();
        Billing.Dispose();
        _spool.Delete(recursive: true);
    }
}
