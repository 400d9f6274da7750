using Microsoft.AspNetCore.Http.Features;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Inference;
using ComputeShare.ServiceDefaults.Ports;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.HosterNode.Tests;

/// <summary>The real node on real loopback ports, in this process.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    public const string DialToken = "dial-token-of-the-tests-0123456789";
    public const string Model = "computeshare/tiny";

    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private RunningNode(WebApplication app)
    {
        _app = app;
        // The internal port is the first that the node opens.
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        _channel = StreamingChannel.Open(new Uri(addresses.First()), TimeSpan.FromSeconds(5));
        HealthAddress = new Uri(addresses.Last());
        Client = ClientWith(DialToken);
    }

    public Inference.InferenceClient Client { get; }

    public Uri HealthAddress { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<RunningNode> StartAsync(params string[] settings)
    {
        string[] args =
        [
            "--environment=Development", "--Ports:Internal=0", "--Ports:Health=0", "--Node:Id=node-1", $"--Node:DialToken={DialToken}",
            "--Node:Prices:Input=50000000", "--Node:Prices:CachedInput=5000000", "--Node:Prices:Output=200000000",
            "--Logging:LogLevel:Default=Warning", .. settings,
        ];
        var app = Program.Build(args);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningNode(app);
    }

    public Inference.InferenceClient ClientWith(string dialToken) => new(_channel.WithSecret(dialToken));

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

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
        _channel.Dispose();
        await _app.DisposeAsync();
    }
}
