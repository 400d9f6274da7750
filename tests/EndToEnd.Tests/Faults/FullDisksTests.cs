using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>PostgreSQL's disk runs full: alone, and together with that of the gateways' spool, so that there is nowhere to write a settlement.</summary>
[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class FullDisksTests : IAsyncLifetime
{
    private const int LongStream = 100;

    // What an empty database takes, its log and some room.
    private const string DatabaseSize = "220m";

    // For all that is asked before requests are refused.
    private const string SpoolSize = "1m";

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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disk_OfTheDatabaseFull_RequestsAre503AndWhatRanIsPaidOnceThereIsRoom(bool isSpoolFullToo)
    {
        await using var database = await SmallDisk.MountAsync(Path.Combine(_folder.FullName, "database"), DatabaseSize);
        await using var spool = await SmallDisk.MountAsync(Path.Combine(_folder.FullName, "spool"), SpoolSize);
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

        if (isSpoolFullToo)
        {
            spool.Fill();
        }

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
