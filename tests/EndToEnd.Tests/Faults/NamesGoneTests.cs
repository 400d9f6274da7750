using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>Nobody resolves names any more: what is connected stays so, what must connect anew waits until names are back.</summary>
[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class NamesGoneTests
{
    private const int LongStream = 60;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Names_Gone_ConnectionsGoOnAndWhatBreaksIsAwayUntilTheyAreBack()
    {
        using var names = await HostNames.CreateAsync();
        await using var cluster = new Cluster(new ClusterShape { Gateways = 1, Schedulers = 1, Billings = 1, Nodes = 1, IsTraced = false, Names = names });
        await cluster.InitializeAsync();
        var client = cluster.Clients[0];
        await using var stream = await client.OpenAsync(LongStream, Token);
        await stream.ReadTokensAsync(1, Token);

        names.Forget();
        (await client.CompleteAsync(1, Token)).AssertServed();
        (await stream.ReadToEndAsync(Token)).AssertServed();

        // Redis is back at once, and not found.
        await cluster.Redis.RestartAsync(Token);
        (await client.CompleteAsync(1, Token)).AssertRefused();
        names.Know();
        await Cluster.WaitUntilServedAsync(client, Token);

        // The node must find the gateway, and that the others; Billing must find PostgreSQL.
        await using var last = await client.OpenAsync(LongStream, Token);
        await last.ReadTokensAsync(1, Token);
        names.Forget();
        await cluster.Billings[0].KillAsync();
        cluster.Billings[0].Start();
        (await client.CompleteAsync(1, Token)).AssertRefused();
        (await last.ReadToEndAsync(Token)).AssertServed();
        await Poll.UntilAsync(
            "its settlement is on disk",
            () => Directory.EnumerateFiles(cluster.SpoolPath, $"{last.Answer.RequestId}-*.settle", SearchOption.AllDirectories).Any(),
            Limit,
            Token);
        await cluster.Gateways[0].KillAsync();
        cluster.Gateways[0].Start();
        await Poll.UntilAsync("the gateway answers", async () => !(await client.CompleteAsync(1, Token)).Broken, Limit, Token);
        (await client.CompleteAsync(1, Token)).AssertRefused();
        names.Know();

        await cluster.BecomeWellAsync(Token);
        await cluster.AssertPaidAsync([stream.Answer, last.Answer], Token);
    }
}
