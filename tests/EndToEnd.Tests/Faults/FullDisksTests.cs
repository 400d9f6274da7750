using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>The disks of PostgreSQL and of the gateways' spool run full together: there is nowhere to write a settlement.</summary>
[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class FullDisksTests : IAsyncLifetime
{
    private const int LongStream = 100;

    // What an empty database takes, its log and some room.
    private const string DatabaseSize = "220m";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("computeshare-disks-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsWindows())
        {
            // As root, PostgreSQL runs as another user, who must find its way to its data.
            _folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        }

        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Disks_OfDatabaseAndSpoolFull_RequestsAre503AndWhatRanIsPaidOnceThereIsRoom()
    {
        await using var database = await SmallDisk.MountAsync(Path.Combine(_folder.FullName, "database"), DatabaseSize);
        await using var spool = await SmallDisk.MountAsync(Path.Combine(_folder.FullName, "spool"));
        await using var cluster = new Cluster(new ClusterShape
        {
            Gateways = 1,
            Schedulers = 1,
            Billings = 1,
            Nodes = 1,
            IsTraced = false,
            PostgresFolder = database.Path,
            SpoolFolder = spool.Path,
        });
        await cluster.InitializeAsync();
        await using var stream = await cluster.Clients[0].OpenAsync(LongStream, Token);
        await stream.ReadTokensAsync(1, Token);

        spool.Fill();
        database.Fill();
        // It goes on with what room its files still have inside.
        await Poll.UntilAsync("requests are refused", async () => (await cluster.Clients[0].CompleteAsync(1, Token)).IsRefused(), Limit, Token);
        var answer = await stream.ReadToEndAsync(Token);
        database.MakeRoom();
        if (cluster.Postgres.HasExited)
        {
            await cluster.Postgres.RestartAsync(Token);
        }

        spool.MakeRoom();
        await cluster.BecomeWellAsync(Token);
        await cluster.AssertPaidAsync([answer], Token);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
