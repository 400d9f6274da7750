using ComputeShare.TestSupport.Processes;
using Npgsql;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>
/// What the services stand on gives way: it answers nothing, late, refuses, or is away for a minute. New requests are told to come back, what
/// runs goes on, and the ledger is right afterwards (docs/reliability.md).
/// </summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class GroundTests(Cluster cluster)
{
    private const int LongStream = 60;
    private static readonly TimeSpan AMinute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenRequests = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Postgres_FrozenForAMinute_RequestsAre503AndWhatRanIsPaidOnce()
    {
        await cluster.BecomeWellAsync(Token);
        var streams = await OpenAsync();

        await cluster.Postgres.FreezeAsync();
        try
        {
            await AssertRefusedForAMinuteAsync(streams);
        }
        finally
        {
            await cluster.Postgres.GoOnAsync();
        }

        await AssertAllIsWellAsync(streams);
    }

    [Fact]
    public async Task Postgres_StoppedForAMinute_RequestsAre503AndWhatRanIsPaidOnce()
    {
        await cluster.BecomeWellAsync(Token);
        var streams = await OpenAsync();

        await cluster.Postgres.StopAsync();
        try
        {
            await AssertRefusedForAMinuteAsync(streams);
        }
        finally
        {
            await cluster.Postgres.RestartAsync(Token);
        }

        await AssertAllIsWellAsync(streams);
    }

    [Fact]
    public async Task Postgres_OutOfConnections_RequestsAre503AndWhatRanIsPaidOnce()
    {
        await cluster.BecomeWellAsync(Token);
        var streams = await OpenAsync();

        var taken = new List<NpgsqlConnection>();
        try
        {
            await TakeAllConnectionsAsync(taken);
            await AssertCompletedAsync(streams);
            await AssertEachRefusesAsync();
        }
        finally
        {
            await Task.WhenAll(taken.Select(connection => connection.DisposeAsync().AsTask()));
        }

        await AssertAllIsWellAsync(streams);
    }

    [Fact]
    public async Task Redis_OutOfMemory_RequestsAreServedAndStreamsGoOn()
    {
        await cluster.BecomeWellAsync(Token);
        var streams = await OpenAsync();

        await cluster.Redis.AdministerAsync("CONFIG SET maxmemory 1");
        try
        {
            await AssertCompletedAsync(streams);
            foreach (var client in cluster.Clients)
            {
                (await client.CompleteAsync(1, Token)).AssertServed();
            }
        }
        finally
        {
            await cluster.Redis.AdministerAsync("CONFIG SET maxmemory 0");
        }

        await AssertAllIsWellAsync(streams);
    }

    [Fact]
    public async Task Redis_AnswersNothingForSeconds_RequestsAre503AndStreamsGoOn()
    {
        await cluster.BecomeWellAsync(Token);
        var streams = await OpenAsync();

        await cluster.Redis.AdministerAsync("CLIENT PAUSE 6000 ALL");
        (await cluster.Clients[0].CompleteAsync(1, Token)).AssertRefused();
        await AssertCompletedAsync(streams);

        await AssertAllIsWellAsync(streams);
    }

    [Fact]
    public async Task Redis_Slow_RequestsAreServedLater()
    {
        var pause = TimeSpan.FromMilliseconds(300);
        var between = TimeSpan.FromMilliseconds(50);
        await cluster.BecomeWellAsync(Token);
        using var fast = new CancellationTokenSource();
        var slowing = SlowDownAsync();

        var answers = new List<ChatAnswer>();
        for (var request = 0; request < 10; request++)
        {
            answers.Add(await cluster.Clients[request % cluster.Clients.Count].StreamAsync(5, Token));
        }

        await fast.CancelAsync();
        await slowing;
        Assert.All(answers, answer => Assert.True(answer.Completed, $"{answer}"));
        await cluster.BecomeWellAsync(Token);
        await cluster.AssertPaidAsync(answers, Token);

        // A command waits for the rest of a pause.
        async Task SlowDownAsync()
        {
            while (!fast.IsCancellationRequested)
            {
                await cluster.Redis.AdministerAsync(FormattableString.Invariant($"CLIENT PAUSE {pause.TotalMilliseconds} ALL"));
                await Task.Delay(pause + between, TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private async Task<ChatStream[]> OpenAsync()
    {
        var streams = await Task.WhenAll(cluster.Clients.Select(client => client.OpenAsync(LongStream, Token)));
        await Task.WhenAll(streams.Select(stream => stream.ReadTokensAsync(1, Token)));
        return streams;
    }

    /// <summary>Takes what is free, then ends the sessions of others and takes theirs, until there are no others.</summary>
    private async Task TakeAllConnectionsAsync(List<NpgsqlConnection> taken)
    {
        var settings = cluster.Database + ";Pooling=false";
        await Poll.UntilAsync(
            "nobody else has a connection",
            async () =>
            {
                while (await TryOpenAsync(settings) is { } connection)
                {
                    taken.Add(connection);
                }

                var own = taken.Select(connection => connection.ProcessID).ToArray();
                await using var end = new NpgsqlCommand(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'client backend' AND NOT pid = ANY ($1)", taken[0]);
                end.Parameters.Add(new NpgsqlParameter { Value = own });
                return (long)(await end.ExecuteScalarAsync(Token))! == 0;
            },
            Limit,
            Token);
    }

    private static async Task<NpgsqlConnection?> TryOpenAsync(string settings)
    {
        var connection = new NpgsqlConnection(settings);
        try
        {
            await connection.OpenAsync(Token);
            return connection;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            await connection.DisposeAsync();
            return null;
        }
    }

    /// <summary>What runs goes on to its end; others are refused all the time.</summary>
    private async Task AssertRefusedForAMinuteAsync(ChatStream[] streams)
    {
        var start = TimeProvider.System.GetTimestamp();
        await AssertCompletedAsync(streams);
        do
        {
            (await cluster.Clients[0].CompleteAsync(1, Token)).AssertRefused();
            await Task.Delay(BetweenRequests, TimeProvider.System, Token);
        }
        while (TimeProvider.System.GetElapsedTime(start) < AMinute);
    }

    private async Task AssertEachRefusesAsync()
    {
        foreach (var client in cluster.Clients)
        {
            (await client.CompleteAsync(1, Token)).AssertRefused();
        }
    }

    private static async Task AssertCompletedAsync(ChatStream[] streams)
    {
        var answers = await Task.WhenAll(streams.Select(stream => stream.ReadToEndAsync(Token)));
        Assert.All(answers, answer => Assert.True(answer.Completed, $"{answer}"));
    }

    private async Task AssertAllIsWellAsync(ChatStream[] streams)
    {
        await cluster.BecomeWellAsync(Token);
        await cluster.AssertPaidAsync(streams.Select(stream => stream.Answer), Token);
    }
}
