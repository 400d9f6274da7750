using ComputeShare.Billing.Generations;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Sessions;
using ComputeShare.Billing.Setup;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.TestSupport.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ComputeShare.Billing.Tests.Hosting;

/// <summary>The whole service in this process, on a database of its own, ports and all.</summary>
public sealed class RunningBilling : IAsyncDisposable
{
    public const string Secret = "the-services-secret-of-these-tests-only";

    private readonly WebApplication _app;

    private RunningBilling(WebApplication app, string connectionString)
    {
        _app = app;
        ConnectionString = connectionString;
    }

    public string ConnectionString { get; }

    public IServiceProvider Services => _app.Services;

    public Uri InternalAddress => Address(0);

    public Uri HealthAddress => Address(1);

    public static async Task<RunningBilling> StartAsync(
        PostgresServer postgres, CancellationToken cancellationToken, params (string Key, string Value)[] settings)
    {
        var connectionString = await postgres.CreateDatabaseAsync(cancellationToken);
        await SetUpAsync(connectionString, cancellationToken);
        return await StartOnAsync(connectionString, cancellationToken, settings);
    }

    /// <summary>What <c>Billing -- migrate</c> runs.</summary>
    public static async Task SetUpAsync(
        string connectionString,
        CancellationToken cancellationToken,
        string environment = "Production",
        params (string Key, string Value)[] settings)
    {
        await using var app = Configured(connectionString, environment, settings).AddDatabaseSetup().Build();
        await app.Services.GetRequiredService<DatabaseSetup>().RunAsync(cancellationToken);
    }

    public static async Task<RunningBilling> StartOnAsync(
        string connectionString, CancellationToken cancellationToken, params (string Key, string Value)[] settings)
    {
        var app = BillingService.Build(Configured(
            connectionString, "Test", [("Ports:Internal", "0"), ("Ports:Health", "0"), ("Services:Secret", Secret), .. settings]));
        await app.StartAsync(cancellationToken);
        return new RunningBilling(app, connectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public ValueTask<BillingAnswer> AnswerAsync(BillingCommand command, CancellationToken cancellationToken) =>
        Services.GetRequiredService<SessionCommands>().AnswerAsync(command, cancellationToken);

    public async Task<string> NewConsumerAsync(long balance, CancellationToken cancellationToken)
    {
        var id = await NewAccountAsync(AccountKinds.Consumer, cancellationToken);
        if (balance > 0)
        {
            var topUp = new TopUp(Services.GetRequiredService<NpgsqlDataSource>());
            await topUp.BookAsync(RequestId.New(TimeProvider.System), id, new Money(balance), cancellationToken);
        }

        return id;
    }

    /// <summary>A hoster's node that offers one model at this price.</summary>
    public async Task<Offer> NewOfferAsync(TokenPrice price, CancellationToken cancellationToken)
    {
        var hoster = await NewAccountAsync(AccountKinds.Hoster, cancellationToken);
        var request = new RegisterNodeRequest
        {
            NodeId = $"node-of-{hoster}",
            HosterName = $"name-of-{hoster}",
            Models =
            {
                new ServedModel
                {
                    LocalName = "tiny",
                    Prices = new Prices { Input = price.Input, CachedInput = price.CachedInput, Output = price.Output },
                },
            },
        };
        var reply = await Services.GetRequiredService<NodeRegistrar>().RegisterAsync(request, cancellationToken);
        return new Offer(hoster, request.NodeId, reply.Offers[0].PriceId);
    }

    public async Task<string> NewAccountAsync(string kind, CancellationToken cancellationToken)
    {
        var id = RowIds.New(TimeProvider.System);
        await using var billing = await OpenDatabaseAsync(cancellationToken);
        billing.Accounts.Add(new AccountRow { Id = id, Kind = kind, Name = $"name-of-{id}" });
        await billing.SaveChangesAsync(cancellationToken);
        return id;
    }

    public async Task<(long Balance, long Held)> FundsAsync(string account, CancellationToken cancellationToken)
    {
        await using var billing = await OpenDatabaseAsync(cancellationToken);
        var row = await billing.Accounts.AsNoTracking().SingleAsync(row => row.Id == account, cancellationToken);
        return (row.Balance, row.Held);
    }

    public async Task<long> SumAsync(string account, string book, CancellationToken cancellationToken)
    {
        await using var billing = await OpenDatabaseAsync(cancellationToken);
        return await billing.LedgerEntries
            .Where(entry => entry.AccountId == account && entry.Book == book)
            .SumAsync(entry => entry.Amount, cancellationToken);
    }

    public async Task<long> EntriesOfAsync(string requestId, string book, CancellationToken cancellationToken)
    {
        var id = Guid.ParseExact(requestId, "N");
        await using var billing = await OpenDatabaseAsync(cancellationToken);
        return await billing.LedgerEntries
            .Where(entry => entry.RequestId == id && entry.Book == book)
            .SumAsync(entry => entry.Amount, cancellationToken);
    }

    public Task<Generation?> FindGenerationAsync(string requestId, string account, CancellationToken cancellationToken) =>
        RequestId.TryParse(requestId, out var id)
            ? Services.GetRequiredService<GenerationReader>().FindAsync(id, account, cancellationToken)
            : throw new ArgumentException("No request id.", nameof(requestId));

    /// <summary>
    /// Whether PostgreSQL's log is on disk beyond where it stood before the work, right after it. A commit that nobody waits for lies in memory for up to
    /// three of <c>wal_writer_delay</c>, 200 ms.
    /// </summary>
    public async Task<bool> IsOnDiskAfterAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        var database = Services.GetRequiredService<NpgsqlDataSource>();
        await using var position = database.CreateCommand("SELECT pg_current_wal_insert_lsn()::text");
        var before = await position.ExecuteScalarAsync(cancellationToken);
        await work();
        await using var flushed = database.CreateCommand($"SELECT pg_current_wal_flush_lsn() > '{before}'");
        return await flushed.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Plain SQL, for what no code of ours does.</summary>
    public async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal Task<BillingDbContext> OpenDatabaseAsync(CancellationToken cancellationToken) =>
        Services.GetRequiredService<IDbContextFactory<BillingDbContext>>().CreateDbContextAsync(cancellationToken);

    private static WebApplicationBuilder Configured(
        string connectionString, string environment, IEnumerable<(string Key, string Value)> settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            settings.Append(("ConnectionStrings:billing", connectionString))
                .ToDictionary(setting => setting.Item1, string? (setting) => setting.Item2));
        return builder;
    }

    private Uri Address(int port) =>
        new(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(port));
}

/// <param name="Hoster">Its account.</param>
/// <param name="NodeId">The node that offers.</param>
/// <param name="PriceId">What it asks.</param>
public sealed record Offer(string Hoster, string NodeId, string PriceId);
