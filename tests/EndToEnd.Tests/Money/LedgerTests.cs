using System.Net.Http.Json;
using ComputeShare.TestSupport.Processes;
using Npgsql;

namespace ComputeShare.EndToEnd.Tests.Money;

public sealed class LedgerTests(Marketplace marketplace) : IAsyncLifetime
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(10);

    private NpgsqlDataSource _database = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(marketplace.BillingDatabase);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Completion_Served_ConsumerPaysExactlyWhatHosterAndPlatformGet(bool stream)
    {
        using var client = marketplace.CreateClient();
        using var response = await client.PostAsJsonAsync(
            new Uri("chat/completions", UriKind.Relative),
            new { model = "auto", stream, max_tokens = 9, temperature = 0, messages = new[] { new { role = "user", content = "Hi" } } },
            Token);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsStringAsync(Token);
        var requestId = response.Headers.GetValues("x-request-id").Single()["req_".Length..];

        var entries = await EntriesAsync(requestId);

        var paid = -entries.Where(entry => entry.Account == "consumer").Sum(entry => entry.Amount);
        Assert.True(paid > 0);
        Assert.Equal(paid, entries.Where(entry => entry.Account != "consumer").Sum(entry => entry.Amount));
        Assert.Contains(entries, entry => entry.Account == "hoster" && entry.Amount > 0);
        Assert.Contains(entries, entry => entry.Account == "platform" && entry.Amount > 0);
        Assert.Equal(0, await ScalarAsync("SELECT COALESCE(SUM(amount), 0)::bigint FROM ledger_entries"));
    }

    [Fact]
    public async Task Completion_ClientLeavesMidStream_PaysForWhatItGotAndNoHoldIsLeft()
    {
        using var client = marketplace.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("chat/completions", UriKind.Relative))
        {
            Content = JsonContent.Create(new { model = "auto", stream = true, temperature = 0, min_tokens = 500, messages = new[] { new { role = "user", content = "Go on and on" } } }),
        };
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        var requestId = response.Headers.GetValues("x-request-id").Single()["req_".Length..];
        using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token)))
        {
            await reader.ReadLineAsync(Token);
        }

        response.Dispose();

        Assert.True(-(await EntriesAsync(requestId)).Where(entry => entry.Account == "consumer").Sum(entry => entry.Amount) > 0);
        Assert.Equal(0, await ScalarAsync($"SELECT COUNT(*) FROM holds WHERE request_id = '{requestId}'"));
    }

    /// <summary>The entries of the request's settlement, which follows the last byte within moments.</summary>
    private async Task<List<(string Account, long Amount)>> EntriesAsync(string requestId)
    {
        var entries = new List<(string, long)>();
        await Poll.UntilAsync(
            $"request {requestId} is settled",
            async () =>
            {
                await using var read = _database.CreateCommand(
                    """
                    SELECT a.kind, e.amount FROM ledger_entries e JOIN accounts a ON a.id = e.account_id
                    WHERE e.request_id = $1 AND e.kind = 'settle'
                    """);
                read.Parameters.Add(new NpgsqlParameter { Value = Guid.ParseExact(requestId, "N") });
                await using var rows = await read.ExecuteReaderAsync(Token);
                while (await rows.ReadAsync(Token))
                {
                    entries.Add((rows.GetString(0), rows.GetInt64(1)));
                }

                return entries.Count > 0;
            },
            SettleLimit,
            Token);
        return entries;
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
