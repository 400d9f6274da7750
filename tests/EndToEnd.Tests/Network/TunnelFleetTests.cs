using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Network;

/// <summary>Ten nodes with tunnels to two of three gateways: none is out of any gateway's reach, whichever gateway leaves or dies.</summary>
[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class TunnelFleetTests(TunnelFleet fleet) : IClassFixture<TunnelFleet>
{
    private const int MostTokens = 24;

    // So that the first stream still runs when the last has begun, also on a busy machine.
    private const int FillingTokens = 80;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // What the product promises of the nodes of a gateway that was killed.
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Slots => fleet.Nodes.Count * ClusterShape.SlotsPerNode;

    [Fact]
    public async Task Request_AtEveryGateway_ReachesEveryNode()
    {
        await fleet.BecomeWellAsync(Token);
        await WaitForTunnelsAsync(Limit, fleet.Gateways.Count);

        foreach (var client in fleet.Clients)
        {
            await FillEveryNodeAsync(client);
        }
    }

    [Fact]
    public async Task Gateways_RestartedOneByOneUnderLoad_BreakNoStream()
    {
        await fleet.BecomeWellAsync(Token);
        await using var traffic = new RoamingTraffic(fleet.Clients, consumers: 15, MostTokens);

        foreach (var gateway in fleet.Gateways)
        {
            var before = traffic.Taken.Count;
            await Poll.UntilAsync("streams run and end", () => traffic.Taken.Count >= before + 15, Limit, Token);
            Assert.Equal(0, await gateway.TerminateAsync());
            gateway.Start();
            await gateway.WaitUntilHealthyAsync(Token);
        }

        await traffic.StopAsync();
        Assert.All(traffic.Taken, answer => Assert.True(answer is { Completed: true, Tokens: MostTokens, Errors.Count: 0 }, $"{answer}"));
        await fleet.Books.WaitUntilClosedAsync(Token);
    }

    [Fact]
    public async Task Gateway_Killed_BreaksOnlyWhatRanThroughItAndItsNodesAreBack()
    {
        await fleet.BecomeWellAsync(Token);
        await WaitForTunnelsAsync(Limit, fleet.Gateways.Count);
        var streams = await OpenAsync([.. Enumerable.Range(0, 24).Select(index => fleet.Clients[index % fleet.Clients.Count])], MostTokens);
        var routes = await fleet.States.ReadRoutesAsync([.. fleet.Nodes.Select(node => node.Name)]);

        await fleet.Gateways[0].KillAsync();
        await WaitForTunnelsAsync(BackWithin, fleet.Gateways.Count - 1);

        for (var index = 0; index < streams.Count; index++)
        {
            var gateway = index % fleet.Clients.Count;
            var answer = await streams[index].ReadToEndAsync(Token);
            await streams[index].DisposeAsync();
            if (gateway != 0 && !answer.Completed)
            {
                var way = routes[await fleet.Books.NodeOfAsync(answer.RequestId, Token)];
                Assert.True(way.Contains(fleet.Internals[0]) && !way.Contains(fleet.Internals[gateway]), $"{answer} did not run through the gateway that was killed");
            }
        }

        foreach (var client in fleet.Clients.Skip(1))
        {
            await FillEveryNodeAsync(client);
        }
    }

    /// <summary>So many streams that every slot of every node is needed, all through one gateway.</summary>
    private async Task FillEveryNodeAsync(ChatClient client)
    {
        var streams = await OpenAsync([.. Enumerable.Repeat(client, Slots)], FillingTokens);
        await fleet.States.WaitForAsync(
            "every slot of every node works",
            states => states.Count == fleet.Nodes.Count && states.All(node => node.Running == ClusterShape.SlotsPerNode), Limit, Token);
        foreach (var stream in streams)
        {
            var answer = await stream.ReadToEndAsync(Token);
            await stream.DisposeAsync();
            Assert.True(answer.Completed, $"{answer}");
        }

        await fleet.States.WaitForAsync("every slot is free", states => states.All(node => node is { Running: 0, Leased: 0 }), Limit, Token);
    }

    private static async Task<IReadOnlyList<ChatStream>> OpenAsync(IReadOnlyList<ChatClient> clients, int tokens)
    {
        var streams = await Task.WhenAll(clients.Select(client => client.OpenAsync(tokens, Token)));
        await Task.WhenAll(streams.Select(stream => stream.ReadTokensAsync(1, Token)));
        return streams;
    }

    /// <summary>Until each node has its two tunnels, at gateways that live.</summary>
    private Task WaitForTunnelsAsync(TimeSpan limit, int gateways)
    {
        var living = fleet.Internals.Skip(fleet.Gateways.Count - gateways).ToHashSet();
        return Poll.UntilAsync("every node has two tunnels", async () =>
            (await fleet.States.ReadRoutesAsync([.. fleet.Nodes.Select(node => node.Name)])).Values.All(routes => routes.Count(living.Contains) == 2), limit, Token);
    }
}
