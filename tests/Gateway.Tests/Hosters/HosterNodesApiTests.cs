using System.Net;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Hosters;

[Trait("Category", "Integration")]
public sealed class HosterNodesApiTests(RedisServer redis) : IAsyncLifetime
{
    private Market _market = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _market = await Market.StartAsync(redis, nodes: 0);

    public ValueTask DisposeAsync() => _market.DisposeAsync();

    [Fact]
    public async Task Nodes_LiveAndAway_AreTheAccountsOnlyAndSayHowTheyStand()
    {
        _market.Billing.OnAsked = _ => new HosterNodes
        {
            HasMore = true,
            Nodes =
            {
                new OwnedNode
                {
                    NodeId = "gpu-1", Created = 1_700_000_000_000, Requests = 12, OthersRequests = 10, Failures = 1, FailedAttempts = 2, Earned = 1_250_000_000,
                    Counts = { new ModelCounts { ModelId = "computeshare/tiny", Answers = 9, LastPerMillion = 1_004_000 } },
                    Probes = { new ModelProbes { ModelId = "computeshare/tiny", FoundInRow = 1, Reasons = { "differs", "held_back" } } },
                },
                new OwnedNode { NodeId = "gpu-2", Created = 1_700_000_000_000 },
            },
        };
        ListNodesRequest? asked = null;
        _market.Scheduler.OnListNodes = request =>
        {
            asked = request;
            return new ListNodesReply { Nodes = { Live("gpu-1", node => (node.CoolsUntil, node.FailureOutcome) = (1_800_000_000_001, "node_lost")) } };
        };

        using var response = await _market.SendAsHosterAsync("GET", "/v1/hosters/nodes?limit=2&after=gpu-0");

        Assert.Equal(new ListHosterNodesRequest { AccountId = "hoster", Limit = 2, After = "gpu-0" }, _market.Billing.Asked);
        Assert.Equal(["gpu-1", "gpu-2"], asked!.NodeIds);
        Assert.Equal(
            """
            {"object":"list","data":[{"object":"hoster.node","id":"gpu-1","state":"cooling_down","reason":"node_lost","until":1800000001,"since":1799999000,"uptime_seconds":61,"created_at":1700000000,"version":null,"engine":"llama.cpp","engine_version":null,"slots":{"total":4,"free":3},"models":[{"id":"computeshare/tiny","local_name":"tiny","in_catalogue":true,"context_length":4096,"quantization":"Q4_K_M","prices":{"input":"0.05","cached_input":"0","output":"0.2"},"ttft_ms":120.5,"ttft_p90_ms":null,"tokens_per_second":41.3}],"requests":12,"success_rate":0.75,"earned_usd":"1.25","token_counts":[{"model":"computeshare/tiny","answers":9,"ratio":1.004,"verdict":"honest","found_in_row":0,"barred_at":null}],"probes":[{"model":"computeshare/tiny","verdict":"found","found_in_row":1,"reasons":["differs","held_back"],"barred_at":null}],"gpus":[{"name":"H100","memory_bytes":85899345920,"memory_used_bytes":1024,"driver":"580","compute_capability":null,"utilization_percent":90,"temperature_celsius":60,"power_watts":300.5}]},{"object":"hoster.node","id":"gpu-2","state":"away","reason":null,"until":null,"since":null,"uptime_seconds":null,"created_at":1700000000,"version":null,"engine":null,"engine_version":null,"slots":null,"models":[],"requests":0,"success_rate":null,"earned_usd":"0","token_counts":[],"probes":[],"gpus":[]}],"has_more":true,"first_id":"gpu-1","last_id":"gpu-2"}
            """,
            await response.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("live", null)]
    [InlineData("draining", null)]
    [InlineData("barred", "token_counts")]
    [InlineData("barred", "probes")]
    [InlineData("away", null)]
    public async Task Node_InEachState_SaysSo(string state, string? reason)
    {
        _market.Billing.OnAsked = _ => new HosterNodes { Nodes = { new OwnedNode { NodeId = "gpu-1" } } };
        _market.Scheduler.OnListNodes = _ => state == "away" ? new ListNodesReply() : new ListNodesReply
        {
            Nodes =
            {
                Live("gpu-1", node =>
                {
                    node.Report.State.Draining = state != "live";
                    node.Report.CountsBarred = reason == "token_counts";
                    node.Report.ProbesBarred = reason == "probes";
                }),
            },
        };

        using var response = await _market.SendAsHosterAsync("GET", "/v1/hosters/nodes/gpu-1");

        var node = await response.JsonAsync();
        Assert.Equal((state, reason), (node.GetProperty("state").GetString(), node.GetProperty("reason").GetString()));
        Assert.Equal(new ListHosterNodesRequest { AccountId = "hoster", NodeId = "gpu-1", Limit = 1 }, _market.Billing.Asked);
    }

    [Fact]
    public async Task Node_ThatTheAccountHasNot_Is404AndNoSchedulerIsAsked()
    {
        _market.Billing.OnAsked = _ => new HosterNodes();
        _market.Scheduler.OnListNodes = _ => throw new InvalidOperationException("It was asked.");

        using var response = await _market.SendAsHosterAsync("GET", "/v1/hosters/nodes/another-hosters");

        Assert.Equal((HttpStatusCode.NotFound, "node_not_found"), (response.StatusCode, await response.CodeAsync()));
    }

    private static LiveNode Live(string id, Action<LiveNode> change)
    {
        var node = new LiveNode
        {
            Since = 1_799_999_000_000,
            UptimeMs = 61_999,
            SlotsTaken = 1,
            Measures = { new ModelMeasure { ModelId = "computeshare/tiny", TtftMs = 120.46, TokensPerSecond = 41.3 } },
            Report = new NodeReport
            {
                State = new NodeState
                {
                    NodeId = id,
                    Slots = 4,
                    Engine = "llama.cpp",
                    Models = { new ServedModel { LocalName = "tiny", ContextLength = 4096, Quantization = "Q4_K_M" } },
                    Gpus =
                    {
                        new Gpu
                        {
                            Name = "H100", MemoryBytes = 80UL << 30, MemoryUsedBytes = 1024, Driver = "580", Utilization = 90, TemperatureCelsius = 60, PowerWatts = 300.5f,
                        },
                    },
                },
                Offers =
                {
                    new Offer
                    {
                        LocalName = "tiny", ModelId = "computeshare/tiny", InCatalogue = true,
                        Price = new OfferedPrice { Prices = new Prices { Input = 50_000_000, Output = 200_000_000 } },
                    },
                },
            },
        };
        change(node);
        return node;
    }
}
