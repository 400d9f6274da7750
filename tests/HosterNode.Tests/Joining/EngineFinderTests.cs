using System.Net;
using System.Net.Sockets;
using ComputeShare.HosterNode.Joining;
using ComputeShare.HosterNode.Tests.Engines.OpenAI;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.HosterNode.Tests.Joining;

[Trait("Category", "Integration")]
public sealed class EngineFinderTests
{
    // llama-server, Ollama, vLLM, LM Studio, SGLang, TGI.
    private static readonly int[] Known = [8080, 11434, 8000, 1234, 30000, 3000];

    private static readonly Uri Gateway = new("https://gateway.example.com");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_EnginesAndOthersAtTheirPorts_TakesThoseThatSayWhoTheyAre()
    {
        await using var llama = await FakeEngine.StartAsync();
        await using var vllm = await FakeEngine.StartAsync();
        vllm.Models = """{"object":"list","data":[{"id":"big","owned_by":"vllm","max_model_len":4096}]}""";
        vllm.Properties = null;
        await using var webServer = await FakeEngine.StartAsync();
        webServer.Models = "<html>It works!</html>";
        var finder = Finder(webServer.Port, llama.Port, LoopbackPorts.TakeFree(), vllm.Port);

        var found = await finder.FindAsync(Gateway, new JoinWishes(), Token);

        Assert.Equal(
            [("llama.cpp", $"http://127.0.0.1:{llama.Port}", "computeshare/tiny"), ("vllm", $"http://127.0.0.1:{vllm.Port}", "big")],
            found.Select(engine => (engine.Description.Engine, engine.Address, engine.Description.Models.Single().LocalName)));
    }

    [Fact]
    public async Task Find_TheGatewayOnThisMachine_IsNotItsOwnEngine()
    {
        await using var gateway = await FakeEngine.StartAsync();

        Assert.Empty(await Finder(gateway.Port).FindAsync(new Uri($"http://localhost:{gateway.Port}"), new JoinWishes(), Token));
    }

    // It takes the five seconds that a question may take.
    [Fact]
    [Trait("Length", "Long")]
    public async Task Find_SomebodyWhoAcceptsAndSaysNothing_IsGivenUp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        Assert.Empty(await Finder(((IPEndPoint)listener.LocalEndpoint).Port).FindAsync(Gateway, new JoinWishes(), Token));
    }

    [Fact]
    public void UsualPorts_HaveTheKnownEngines_EachPortOnce()
    {
        Assert.Empty(Known.Except(UsualPort.All.Select(usual => usual.Port)));
        Assert.Equal(UsualPort.All.Count, UsualPort.All.DistinctBy(usual => usual.Port).Count());
    }

    private static EngineFinder Finder(params int[] ports) => new([.. ports.Select(port => new UsualPort(port, ""))], TimeProvider.System);
}
