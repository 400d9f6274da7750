using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>
/// PostgreSQL's disk runs full: alone, and together with that of the gateways' spool, so that there is nowhere to write a settlement, and a
/// gateway that is killed takes with it what it has in memory.
/// </summary>
[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class FullDisksTests : IAsyncLifetime
{
    private const int LongStream = 100;
    private const int TokensPerSecond = 25;

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
        await using var cluster = On(database, spool);
        await cluster.InitializeAsync();
        await using var stream = await cluster.Clients[0].OpenAsync(LongStream, Token);
        await stream.ReadTokensAsync(1, Token);

        if (isSpoolFullToo)
        {
            spool.Fill();
        }

        await FillAsync(database, cluster);
        var answer = await stream.ReadToEndAsync(Token);
        await RecoverAsync(database, spool, cluster);
        await cluster.AssertPaidAsync([answer], Token);
    }

    [Fact]
    public async Task Disks_BothFullAndTheGatewayKilled_WhatWasTakenDownBeforeIsPaidAndNoMore()
    {
        const int ReadBefore = 75;
        await using var database = await SmallDisk.MountAsync(Path.Combine(_folder.FullName, "database"), DatabaseSize);
        await using var spool = await SmallDisk.MountAsync(Path.Combine(_folder.FullName, "spool"), SpoolSize);
        await using var cluster = On(database, spool);
        await cluster.InitializeAsync();
        await using var stream = await cluster.Clients[0].OpenAsync(4 * LongStream, Token);
        await stream.ReadTokensAsync(ReadBefore, Token);

        spool.Fill();
        await FillAsync(database, cluster);
        await cluster.Gateways[0].KillAsync();
        var answer = await stream.ReadToEndAsync(Token);
        await RecoverAsync(database, spool, cluster);

        var bill = await cluster.Books.BillAsync(answer.RequestId, Token);
        // A second of tokens at most is given away of what came before (DESIGN.md §6); a busy machine's timers are late by as much again.
        Assert.InRange(bill.Tokens, ReadBefore - (2 * TokensPerSecond), answer.Tokens);
        Assert.Equal((bill.Owed, bill.Owed), (bill.Paid, bill.Amount));
        await cluster.Books.WaitUntilClosedAsync(Token);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static Cluster On(SmallDisk database, SmallDisk spool) => new(new ClusterShape
    {
        Gateways = 1,
        Schedulers = 1,
        Billings = 1,
        Nodes = 1,
        IsTraced = false,
        PostgresFolder = database.Path,
        SpoolFolder = spool.Path,
    });

    private static Task FillAsync(SmallDisk database, Cluster cluster)
    {
        database.Fill();
        // It goes on with what room its files still have inside.
        return Poll.UntilAsync("requests are refused", async () => (await cluster.Clients[0].CompleteAsync(1, Token)).IsRefused(), Limit, Token);
    }

    private static async Task RecoverAsync(SmallDisk database, SmallDisk spool, Cluster cluster)
    {
        database.MakeRoom();
        if (cluster.Postgres.HasExited)
        {
            await cluster.Postgres.RestartAsync(Token);
        }

        spool.MakeRoom();
        await cluster.BecomeWellAsync(Token);
    }
}
