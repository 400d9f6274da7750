using System.Text.Json;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Probes;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Tests.Probes;

/// <summary>A gateway that probes: node-0, which does as a test says, beside node-1 of a trusted hoster, which serves the model.</summary>
public sealed class ProbedMarket(RedisServer redis) : IAsyncLifetime
{
    private const string Trusted = "trusted";

    // Chance may leave a conversation without an answer that counts, but not so many.
    private const int MostConversations = 400;

    private static readonly ProbeOffer Subject =
        new("node-0", "computeshare/tiny", "", HasLogprobs: true, MostTokens: 64, TimeSpan.Zero, ClaimedTokensPerSecond: 0);

    internal Market Market { get; private set; } = null!;

    /// <summary>What the catalogue's name stands for.</summary>
    internal WordModel Model { get; } = new(seed: 1);

    internal FakeNode Node => Market.Nodes[0];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Market = await Market.StartAsync(
            redis, 2, $"--Probes:References:0={Trusted}", "--Probes:ThinkTime=00:00:00", "--Probes:Slack=00:00:00.3", "--Probes:PerDay=1");
        Market.Services.GetRequiredService<IOptions<ProbeOptions>>().Value.ApiKey = Market.Billing.Key;
        Market.Nodes[1].OnGenerate = Model.ServeAsync;
        Market.Scheduler.OnReserve = reserve => reserve.Provider?.Only.Contains(Trusted) == true ? Lease("node-1", reserve) : Lease("node-0", reserve);
    }

    public ValueTask DisposeAsync() => Market.DisposeAsync();

    /// <summary>Has conversations with the node until it was probed so often.</summary>
    internal async Task<IReadOnlyList<ProbeResult>> ProbeAsync(FakeNode.Script script, int probes)
    {
        Node.OnGenerate = script;
        Market.Billing.Probes.Clear();
        var (session, memory) = (Market.Services.GetRequiredService<ProbeSession>(), new ProbeMemory());
        for (var conversation = 0; Market.Billing.Probes.Count < probes; conversation++)
        {
            Assert.True(conversation < MostConversations, $"Only {Market.Billing.Probes.Count} probes were answered.");
            await session.RunAsync(Subject, memory, Token);
        }

        return [.. Market.Billing.Probes];
    }

    /// <summary>What a node can tell questions apart by.</summary>
    internal static string PromptOf(GenerateRequest job)
    {
        using var body = JsonDocument.Parse(job.Chat.Body.Memory);
        return body.RootElement.GetProperty("messages").GetRawText();
    }

    private static SchedulerAnswer Lease(string node, Reserve reserve) => new()
    {
        Reserved = new Reserved
        {
            LeaseId = $"lease-{node}-{reserve.RequestId}",
            NodeId = node,
            HosterId = "hoster",
            HosterName = "demo-hoster",
            ModelId = "computeshare/tiny",
            LocalModel = "tiny",
            Price = new OfferedPrice { PriceId = $"price-{node}", Prices = new Prices { Input = 50_000_000, Output = 200_000_000 } },
            ExpiresInMs = 15_000,
        },
    };
}
