using System.Net;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>PostgreSQL restarted: what was delivered is settled later, and once.</summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
public sealed class PostgresAwayTests(Cluster cluster)
{
    private static readonly TimeSpan SpoolLimit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Postgres_StoppedWhileStreamsEnd_SettlementsWaitOnDiskAndArriveOnceAlsoFromAKilledGateway()
    {
        await cluster.BecomeWellAsync(Token);
        var streams = await Task.WhenAll(cluster.Clients.Select(client => client.OpenAsync(20, Token)));
        await Task.WhenAll(streams.Select(stream => stream.ReadTokensAsync(1, Token)));
        ChatAnswer[] answers;

        await cluster.Postgres.StopAsync();
        try
        {
            answers = await Task.WhenAll(streams.Select(stream => stream.ReadToEndAsync(Token)));
            Assert.All(answers, answer => Assert.True(answer.Completed, $"{answer}"));
            await Poll.UntilAsync("both settlements are on disk", () => answers.All(IsSpooled), SpoolLimit, Token);
            var refused = await cluster.Clients[0].CompleteAsync(1, Token);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (refused.Status, refused.Header("retry-after").Length > 0));
            await cluster.Gateways[1].KillAsync();
        }
        finally
        {
            await cluster.Postgres.RestartAsync(Token);
        }

        cluster.Gateways[1].Start();
        foreach (var answer in answers)
        {
            var bill = await cluster.Books.BillAsync(answer.RequestId, Token);
            Assert.Equal(answer.Tokens, bill.Tokens);
            Assert.Equal((bill.Owed, bill.Owed), (bill.Paid, bill.Amount));
        }

        await Poll.UntilAsync("the spool is empty", () => !answers.Any(IsSpooled), SpoolLimit, Token);
        await cluster.BecomeWellAsync(Token);
        await cluster.Books.WaitUntilClosedAsync(Token);
    }

    private bool IsSpooled(ChatAnswer answer) =>
        Directory.EnumerateFiles(cluster.SpoolPath, $"{answer.RequestId}-*.settle", SearchOption.AllDirectories).Any();
}
