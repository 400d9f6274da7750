using System.Diagnostics;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using Grpc.Core;
using Npgsql;

namespace ComputeShare.Benchmarks.Money;

/// <summary>
/// A gateway's end of one Session, and nothing of a gateway: it answers each batch of answers with as many new commands, so that a constant
/// number is in flight.
/// </summary>
internal sealed class SettlementLoad : IAsyncDisposable
{
    private const int Depth = 1024;
    private const int Consumers = 200;
    private const int Nodes = 8;
    private const uint Prompt = 400;
    private const uint Completion = 250;

    // Ten thousand dollars: more than all rounds cost.
    private const long Credit = 10_000_000_000_000;

    private readonly IDisposable _channel;
    private readonly AsyncDuplexStreamingCall<BillingCommands, BillingAnswers> _call;
    private readonly NpgsqlDataSource _database;
    private readonly List<(string Node, string Price)> _offers = [];
    private int _settled;

    private SettlementLoad(IDisposable channel, AsyncDuplexStreamingCall<BillingCommands, BillingAnswers> call, string database) =>
        (_channel, _call, _database) = (channel, call, NpgsqlDataSource.Create(database));

    public static async Task<SettlementLoad> OpenAsync(BillingProcess billing)
    {
        var (channel, calls) = billing.Open();
        var client = new Contracts.Billing.Billing.BillingClient(calls);
        var load = new SettlementLoad(channel, client.Session(), billing.Database);
        await load._call.ResponseHeadersAsync;
        await load.OpenAccountsAsync();
        for (var number = 0; number < Nodes; number++)
        {
            var node = await client.RegisterNodeAsync(new RegisterNodeRequest
            {
                NodeId = $"node-{number}",
                HosterName = $"hoster-{number % 4}",
                Models = { new ServedModel { LocalName = "bench", Prices = new Prices { Input = 50_000_000 + number, CachedInput = 5_000_000, Output = 200_000_000 } } },
            });
            load._offers.Add(($"node-{number}", node.Offers[0].PriceId));
        }

        return load;
    }

    /// <returns>Of each, how many a second.</returns>
    public async Task<(double Holds, double Settlements)> HoldAndSettleAsync(int count)
    {
        var requests = new string[count];
        for (var i = 0; i < count; i++)
        {
            requests[i] = RequestId.New(TimeProvider.System).Value;
        }

        var holding = await RunAsync(count, i => Hold(requests[i], i), answer => answer.Held is { CompletionTokens: 1024 });
        var settling = await RunAsync(count, i => Settle(requests[i], i), answer => answer.Settled is { Amount: > 0, Duplicate: false });
        _settled += count;
        return (count / holding.TotalSeconds, count / settling.TotalSeconds);
    }

    /// <summary>What was measured has happened: everything is booked, nothing is held.</summary>
    public async Task CheckAsync()
    {
        await using var command = _database.CreateCommand(
            """
            SELECT (SELECT count(*) FROM ledger_transactions WHERE kind = 'settle'), (SELECT count(*) FROM holds),
                (SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries)
            """);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        if ((row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)) is not (var settled, 0, 0) || settled != _settled)
        {
            throw new InvalidOperationException("The ledger does not hold what was settled.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _call.RequestStream.CompleteAsync();
        _call.Dispose();
        _channel.Dispose();
        await _database.DisposeAsync();
    }

    private async Task OpenAccountsAsync()
    {
        await using var command = _database.CreateCommand(
            $"""
            INSERT INTO accounts (id, kind, name, balance, held, key_version, parallel_requests, requests_per_minute, tokens_per_minute, policy)
            SELECT 'consumer-' || n, 'consumer', 'consumer-' || n, {Credit}, 0, 1, 0, 0, 0, '' FROM generate_series(0, {Consumers - 1}) AS n
            UNION ALL
            SELECT 'hoster-' || n, 'hoster', 'hoster-' || n, 0, 0, 1, 0, 0, 0, '' FROM generate_series(0, 3) AS n;

            WITH topups AS (
                INSERT INTO ledger_transactions (request_id, kind) SELECT gen_random_uuid(), 'topup' FROM generate_series(0, {Consumers - 1})
                RETURNING request_id
            ), numbered AS (SELECT request_id, row_number() OVER () - 1 AS n FROM topups)
            INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
            SELECT request_id, 'topup', 0::smallint, 'consumer-' || n, 'consumer:balance', {Credit} FROM numbered
            UNION ALL SELECT request_id, 'topup', 1::smallint, 'platform', 'platform:topup', -{Credit} FROM numbered;
            """);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<TimeSpan> RunAsync(int count, Func<int, BillingCommand> command, Predicate<BillingAnswer> isRight)
    {
        var start = Stopwatch.GetTimestamp();
        var (sent, answered) = (0, 0);
        await SendAsync(Depth);
        while (answered < count)
        {
            if (!await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
                throw new InvalidOperationException("Billing ended the session.");
            }

            foreach (var answer in _call.ResponseStream.Current.Answers)
            {
                answered++;
                if (!isRight(answer))
                {
                    throw new InvalidOperationException($"Billing answered {answer}.");
                }
            }

            await SendAsync(Math.Min(count - sent, Depth - (sent - answered)));
        }

        return Stopwatch.GetElapsedTime(start);

        async Task SendAsync(int many)
        {
            if (many > 0)
            {
                var message = new BillingCommands();
                for (var end = Math.Min(count, sent + many); sent < end; sent++)
                {
                    message.Commands.Add(command(sent));
                    message.Commands[^1].CorrelationId = (ulong)sent + 1;
                    message.Commands[^1].DeadlineMs = 60_000;
                }

                await _call.RequestStream.WriteAsync(message);
            }
        }
    }

    private BillingCommand Hold(string request, int index) => new()
    {
        Hold = new Hold
        {
            RequestId = request,
            Seq = 1,
            AccountId = $"consumer-{index % Consumers}",
            KeyId = $"key-{index % Consumers}",
            PriceId = Offer(index).Price,
            PromptTokens = Prompt,
            CompletionTokens = 1024,
            MinCompletionTokens = 1,
        },
    };

    // With what a gateway sends of a completion.
    private BillingCommand Settle(string request, int index) => new()
    {
        Settle = new Settle
        {
            RequestId = request,
            AccountId = $"consumer-{index % Consumers}",
            Kind = "settle",
            Shares =
            {
                new Share
                {
                    NodeId = Offer(index).Node,
                    PriceId = Offer(index).Price,
                    PromptTokens = Prompt - 100,
                    CachedTokens = 100,
                    CompletionTokens = Completion,
                    EngineCounts = new EngineCounts { PromptTokens = Prompt, CompletionTokens = Completion },
                },
            },
            Record = new GenerationRecord
            {
                KeyId = $"key-{index % Consumers}",
                RequestedModel = "auto",
                ServedModel = "bench",
                HosterName = "hoster-1",
                Status = GenerationStatus.Completed,
                Outcome = "completed",
                FinishReason = "stop",
                Attempts = 1,
                Streamed = true,
                TtftMs = 180,
                TotalMs = 4_200,
                CountsAreBounded = true,
            },
        },
    };

    private (string Node, string Price) Offer(int index) => _offers[index % _offers.Count];
}
