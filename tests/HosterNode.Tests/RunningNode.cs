using ComputeShare.Contracts;
using ComputeShare.Contracts.Inference;
using ComputeShare.ServiceDefaults.Ports;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ComputeShare.HosterNode.Tests;

/// <summary>The real node on real loopback ports, in this process.</summary>
public sealed class RunningNode : IAsyncLifetime
{
    public const string DialToken = "dial-token-of-the-tests-0123456789";
    public const string Model = "computeshare/tiny";

    private readonly string[] _settings;
    private WebApplication? _app;
    private GrpcChannel? _channel;

    public RunningNode() => _settings = [];

    internal RunningNode(params string[] settings) => _settings = settings;

    public Inference.InferenceClient Client => ClientWith(DialToken);

    public Uri InternalAddress => Address(0);

    public Uri HealthAddress => Address(1);

    public IServiceProvider Services => App.Services;

    public LogLines Logs { get; } = new();

    private WebApplication App => _app ?? throw new InvalidOperationException("The node is not started.");

    internal static async Task<RunningNode> StartAsync(params string[] settings)
    {
        var node = new RunningNode(settings);
        await node.InitializeAsync();
        return node;
    }

    public async ValueTask InitializeAsync()
    {
        string[] args =
        [
            "--environment=Development", "--Ports:Internal=0", "--Ports:Health=0", "--Node:Transport=direct", "--Node:Id=node-1", $"--Node:DialToken={DialToken}",
            "--Node:Prices:Input=50000000", "--Node:Prices:CachedInput=5000000", "--Node:Prices:Output=200000000",
            "--Logging:LogLevel:Default=Warning", .. _settings,
        ];
        _app = Program.Build(args);
        _app.Services.GetRequiredService<ILoggerFactory>().AddProvider(Logs);
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _channel = StreamingChannel.Open(InternalAddress, TimeSpan.FromSeconds(5));
    }

    public Inference.InferenceClient ClientWith(string dialToken) => new(_channel!.WithSecret(dialToken));

    public Task StopAsync() => App.StopAsync(TestContext.Current.CancellationToken);

    public static GenerateRequest Chat(string body, uint maxTokens = 16, uint slots = 1) => new()
    {
        RequestId = RequestId.New(TimeProvider.System).Value,
        Attempt = 1,
        LeaseId = "lease-" + RequestId.New(TimeProvider.System).Value,
        Slots = slots,
        Model = Model,
        MaxTokens = maxTokens,
        Chat = new ChatWork { Body = ByteString.CopyFromUtf8(body) },
    };

    public async Task<List<Frame>> GenerateAsync(GenerateRequest request)
    {
        using var call = Client.Generate(request, cancellationToken: TestContext.Current.CancellationToken);
        return await call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        Logs.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    // Ports are opened, and listed, in the order Internal, Health.
    private Uri Address(int port) =>
        new(App.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ElementAt(port));
}
