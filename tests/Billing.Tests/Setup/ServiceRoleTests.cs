using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Generations;
using ComputeShare.Billing.Holds;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Partitions;
using ComputeShare.Billing.Setup;
using ComputeShare.Billing.Tests.Administration;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ComputeShare.Billing.Tests.Setup;

/// <summary>The services' own role can do their work, and cannot touch what is booked.</summary>
[Trait("Category", "Integration")]
public sealed class ServiceRoleTests(BillingFixture fixture) : IAsyncLifetime
{
    private const string Password = "the-password-of-these-tests";

    private static readonly string[] Forbidden =
    [
        "UPDATE ledger_entries SET amount = 1",
        "DELETE FROM ledger_entries",
        "TRUNCATE ledger_entries",
        "UPDATE ledger_transactions SET kind = 'topup'",
        "DELETE FROM ledger_transactions",
        "ALTER TABLE ledger_entries DISABLE TRIGGER ALL",
        "DROP TABLE ledger_entries",
        "SELECT FROM ledger_entries_default",
        "INSERT INTO ledger_entries_before SELECT * FROM ledger_entries",
        "DELETE FROM ledger_transactions_default",
        "DROP TABLE generations_default",
        "DELETE FROM generations",
        "SELECT make_partition('ledger_entries', 'mine', 'DEFAULT')",
        "DELETE FROM accounts",
        "UPDATE accounts SET id = 'other'",
        "DELETE FROM api_keys",
        "UPDATE prices SET output = 0",
        "UPDATE nodes SET hoster_id = 'other'",
        "CREATE TABLE mine (id int)",
        "DELETE FROM payouts",
        "UPDATE payouts SET amount = 1",
        "DELETE FROM payment_events",
        "DELETE FROM node_counts",
        "DELETE FROM node_probes",
    ];

    private readonly string _role = $"service \"{RequestId.New(TimeProvider.System)}";
    private string _asOwner = "";
    private string _asService = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _asOwner = await fixture.Postgres.CreateDatabaseAsync(Token);
        _asService = new NpgsqlConnectionStringBuilder(_asOwner) { Username = _role, Password = Password }.ConnectionString;
        await ExecuteAsync(_asOwner, $"CREATE ROLE \"{_role.Replace("\"", "\"\"", StringComparison.Ordinal)}\" LOGIN PASSWORD '{Password}'");
        await RunningBilling.SetUpAsync(_asOwner, Token, "Production", ("Migration:ServiceRole", _role));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task ServiceRole_WorkOfTheServiceAndOfAdmin_IsAllowed()
    {
        await using var billing = await RunningBilling.StartOnAsync(_asService, Token);
        var console = new AdminConsole(_asService);
        await console.OutputOfAsync("catalogue", "add", "of/role", "--context", "1000");
        await console.OutputOfAsync("catalogue", "remove", "of/role");
        await console.OutputOfAsync("hoster", "create", "role-hoster");
        var account = await console.OutputOfAsync("account", "create", "role-consumer", "--kind", "consumer");
        await console.OutputOfAsync("account", "limits", "role-consumer", "--parallel", "3");
        await console.OutputOfAsync("credit", "role-consumer", "5", "--reference", "role-1");
        await console.OutputOfAsync("key", "create", "role-consumer", "--spend-caps", "day=5,total=9");
        var keys = billing.Services.GetRequiredService<KeyCalls>();
        var key = (await keys.ListAsync(new ListKeysRequest { AccountId = account, Limit = 1 }, Token)).Keys[0].KeyId;
        var offer = await billing.NewOfferAsync(new TokenPrice(1_000_000, 1_000_000, 1_000_000), Token);
        var (request, released, silent) = (Commands.NewRequest(), Commands.NewRequest(), Commands.NewRequest());

        Assert.NotNull((await billing.AnswerAsync(WithKey(Commands.Hold(request, account, offer, 10, 10), key), Token)).Held);
        Assert.NotNull((await billing.AnswerAsync(Commands.Hold(released, account, offer, 10, 10), Token)).Held);
        Assert.NotNull((await billing.AnswerAsync(Commands.Hold(silent, account, offer, 10, 10), Token)).Held);
        Assert.NotNull((await billing.AnswerAsync(Commands.Checkpoint(request, Commands.Share(offer, 10, 1)), Token)).Done);
        Assert.NotNull((await billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 10, 5)), Token)).Settled);
        Assert.NotNull((await billing.AnswerAsync(Commands.Release(released), Token)).Done);
        await ExecuteAsync(_asOwner, "UPDATE holds SET reported_at = now() - interval '1 hour'");
        Assert.Equal(1, await billing.Services.GetRequiredService<HoldReaper>().ReapAsync(Token));
        await console.OutputOfAsync("hoster", "forfeit", offer.Hoster, "all", "--reason", "role-3");
        await console.OutputOfAsync("correct", request, "all", "--reference", "role-2");
        await keys.RotateAsync(new RotateKeyRequest { AccountId = account, KeyId = key }, Token);
        await console.OutputOfAsync("key", "revoke", key);
        await console.OutputOfAsync("hoster", "source", "role-hoster", "person:role");
        await billing.Services.GetRequiredService<RollUp>().RunAsync(TimeSpan.Zero, Token);
        await billing.Services.GetRequiredService<Clearing>().ClearAsync(Token);
        await console.OutputOfAsync("payouts", "propose", "--minimum", "0.000001");
        await billing.Services.GetRequiredService<PartitionMaker>().MakeAsync(Token);
        await billing.Services.GetRequiredService<GenerationSweep>().SweepAsync(Token);
        await console.OutputOfAsync("audit");
    }

    [Fact]
    public async Task ServiceRole_WhatIsBookedOrWhose_CannotBeChanged()
    {
        // One set-up for all of them: each is a statement only.
        foreach (var sql in Forbidden)
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(_asService, sql));

            Assert.True(refused.SqlState == PostgresErrorCodes.InsufficientPrivilege, $"{sql}: {refused.MessageText}");
        }
    }

    [Fact]
    public async Task Setup_RoleThatIsNotThere_NamesTheSetting()
    {
        var refused = await Assert.ThrowsAsync<SetupException>(() =>
            RunningBilling.SetUpAsync(_asOwner, Token, "Production", ("Migration:ServiceRole", "nobody-at-all")));

        Assert.Contains("Migration:ServiceRole", refused.Message, StringComparison.Ordinal);
    }

    private static BillingCommand WithKey(BillingCommand command, string key)
    {
        command.Hold.KeyId = key;
        return command;
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
