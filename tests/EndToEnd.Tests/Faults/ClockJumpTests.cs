using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>
/// Wall clocks jump, by an hour ahead and behind, one kind of process after the other: of the services, of Redis, of PostgreSQL. Streams go
/// on, new requests are served or told to come back, and the ledger is right.
/// </summary>
[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class ClockJumpTests : IAsyncLifetime
{
    private const int LongStream = 60;

    // A node's price that PostgreSQL's clock takes for a later one is fixed anew once a minute.
    private static readonly TimeSpan ServedLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan[] Jumps = [TimeSpan.FromHours(1), TimeSpan.FromHours(-1), TimeSpan.Zero];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("computeshare-clocks-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsWindows())
        {
            _folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        }

        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Clocks_JumpAheadAndBack_StreamsGoOnAndTheLedgerIsRight()
    {
        var clocks = await ProcessClock.CreateAsync(3, _folder.FullName);
        await using var cluster = new Cluster(new ClusterShape
        {
            Gateways = 1,
            Schedulers = 1,
            Billings = 1,
            Nodes = 1,
            IsTraced = false,
            Clocks = (clocks[0], clocks[1], clocks[2]),
            BillingSettings = new Dictionary<string, string> { ["Escrow__RollUpInterval"] = "00:00:01" },
        });
        await cluster.InitializeAsync();
        var paid = new List<ChatAnswer>();

        foreach (var clock in clocks)
        {
            foreach (var jump in Jumps)
            {
                await using var stream = await cluster.Clients[0].OpenAsync(LongStream, Token);
                await stream.ReadTokensAsync(1, Token);

                clock.Jump(jump);

                paid.Add(await ServedAsync(cluster));
                paid.Add(await stream.ReadToEndAsync(Token));
                Assert.True(stream.Answer.Completed, $"{stream.Answer}");
            }
        }

        await cluster.BecomeWellAsync(Token);
        await cluster.AssertPaidAsync(paid, Token);
        await cluster.AdministerAsync("admin", "audit");
        Array.ForEach(clocks, clock => clock.Dispose());
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static Task<ChatAnswer> ServedAsync(Cluster cluster) => Poll.ForAsync(
        "a request is served",
        async () =>
        {
            var answer = await cluster.Clients[0].CompleteAsync(1, Token);
            Assert.True(answer.Completed || answer.IsRefused(), $"{answer}");
            return answer.Completed ? answer : null;
        },
        ServedLimit,
        Token);
}
