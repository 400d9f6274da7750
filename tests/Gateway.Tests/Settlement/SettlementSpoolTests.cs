using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Settlement;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Tests.Settlement;

[Trait("Category", "Integration")]
public sealed class SettlementSpoolTests(RedisServer redis) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("computeshare-spool-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Billing_CannotSettle_TheSettlementIsSpooledAndReplayed()
    {
        await using var market = await Market.StartAsync(redis);
        var asked = 0;
        market.Billing.OnSettle = _ => Interlocked.Increment(ref asked) < 3
            ? new BillingAnswer { Unavailable = new Unavailable() }
            : new BillingAnswer { Settled = new Settled() };

        await market.PostForBodyAsync(Wire.AskStream);
        var first = await market.Billing.SettledAsync(Token);
        var second = await market.Billing.SettledAsync(Token);
        var third = await market.Billing.SettledAsync(Token);

        Assert.Equal(first, second);
        Assert.Equal(first, third);
        await Poll.UntilAsync("the spool is empty", () => Files(market.Spool).Length == 0, TimeSpan.FromSeconds(10), Token);
        Assert.False(market.Billing.HasSettled);
    }

    [Fact]
    public async Task Billing_RejectsForEver_TheSettlementIsSetAside()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.OnSettle = _ => new BillingAnswer { Rejected = new Rejected { Message = "unknown price" } };

        await market.PostForBodyAsync(Wire.AskStream);

        await Poll.UntilAsync("it is set aside", () => Files(market.Spool).Length == 1, TimeSpan.FromSeconds(10), Token);
        Assert.Contains("rejected", Files(market.Spool).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Spool_LeftByADeadGateway_IsAdopted()
    {
        var settle = new Settle { RequestId = "0123", Kind = "settle", AccountId = "a" };
        var dead = Directory.CreateDirectory(Path.Combine(_folder.FullName, "dead"));
        File.WriteAllBytes(Path.Combine(dead.FullName, "0123-settle.settle"), Google.Protobuf.MessageExtensions.ToByteArray(settle));

        using var spool = Open();

        Assert.Equal([settle], spool.Waiting());
        Assert.False(Directory.Exists(dead.FullName));
    }

    [Fact]
    public void Journal_LeftByADeadGateway_IsSettledUnlessASettlementIsThere()
    {
        var (open, ended) = (new Settle { RequestId = "0123", Kind = "settle" }, new Settle { RequestId = "4567", Kind = "settle" });
        var known = new Settle { RequestId = "4567", Kind = "settle", AccountId = "a" };
        var dead = Open();
        dead.Add(known);
        dead.KeepOpen([open]);
        dead.KeepOpen([open, ended]);
        var left = Directory.GetDirectories(_folder.FullName).Single();
        var copy = Path.Combine(_folder.FullName, "dead");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(left).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        using var spool = Open();

        Assert.Equal([open, known], spool.Waiting());
        dead.Dispose();
    }

    [Fact]
    public void Journal_BrokenOff_IsLeftToTheCheckpoints()
    {
        var dead = Directory.CreateDirectory(Path.Combine(_folder.FullName, "dead"));
        File.WriteAllBytes(Path.Combine(dead.FullName, "open.journal"), [10, 200]);

        using var spool = Open();

        Assert.Empty(spool.Waiting());
    }

    [Fact]
    public void Journal_OfAGatewayThatEnded_IsGone()
    {
        var spool = Open();
        spool.KeepOpen([new Settle { RequestId = "0123", Kind = "settle" }]);

        spool.Dispose();

        Assert.Empty(Directory.GetDirectories(_folder.FullName));
    }

    [Fact]
    public void Spool_OfALivingGateway_IsLeftAlone()
    {
        using var living = Open();
        living.Add(new Settle { RequestId = "0123", Kind = "settle", AccountId = "a" });

        using var other = Open();

        Assert.Empty(other.Waiting());
        Assert.Single(living.Waiting());
    }

    [Fact]
    public async Task Spools_ManyGatewaysStartAtOnce_EachGetsItsOwn()
    {
        const int Gateways = 32;
        using var start = new Barrier(Gateways);

        var spools = await Task.WhenAll(Enumerable.Range(0, Gateways).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(Token);
                return Open();
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Equal(Gateways, Directory.GetDirectories(_folder.FullName).Length);
        Array.ForEach(spools, spool => spool.Dispose());
    }

    [Fact]
    public async Task Spool_DiskIsFull_KeepsItInMemoryAndWritesItWhenThereIsRoom()
    {
        await using var disk = await SmallDisk.MountAsync(Path.Combine(_folder.FullName, "disk"));
        var settle = new Settle { RequestId = "0123", Kind = "settle", AccountId = "a" };
        using (var spool = Open(disk.Path))
        {
            disk.Fill();
            Assert.False(spool.Add(settle));
            Assert.Equal([settle], spool.Waiting());
            Assert.Empty(Files(disk.Path));

            disk.MakeRoom();
            Assert.Equal([settle], spool.Waiting());
            Assert.Single(Files(disk.Path));
        }

        using var next = Open(disk.Path);
        Assert.Equal([settle], next.Waiting());
    }

    [Fact]
    public async Task Spool_DiskWasFull_WritesWhatIsInMemoryWhenTheGatewayStops()
    {
        await using var disk = await SmallDisk.MountAsync(Path.Combine(_folder.FullName, "disk"));
        using (var spool = Open(disk.Path))
        {
            disk.Fill();
            Assert.False(spool.Add(new Settle { RequestId = "0123", Kind = "settle", AccountId = "a" }));
            disk.MakeRoom();
        }

        Assert.Single(Files(disk.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no settlement")]
    public void Spool_FileThatIsNoSettlement_IsSetAsideAndHoldsUpNothing(string content)
    {
        var settle = new Settle { RequestId = "0123", Kind = "settle", AccountId = "a" };
        var dead = Directory.CreateDirectory(Path.Combine(_folder.FullName, "dead"));
        File.WriteAllText(Path.Combine(dead.FullName, "0000-settle.settle"), content);
        using var spool = Open();
        spool.Add(settle);

        Assert.Equal([settle], spool.Waiting());
        Assert.Equal(
            [Path.Combine(_folder.FullName, "rejected", "0000-settle.settle")],
            Files(_folder.FullName).Where(file => Path.GetFileName(file).StartsWith("0000", StringComparison.Ordinal)));
    }

    private SettlementSpool Open(string? folder = null) =>
        new(Options.Create(new SettlementOptions { SpoolPath = folder ?? _folder.FullName }), new GatewayReplica());

    private static string[] Files(string folder) => Directory.GetFiles(folder, "*.settle", SearchOption.AllDirectories);
}
