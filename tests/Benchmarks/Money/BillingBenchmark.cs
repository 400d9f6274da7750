using System.Globalization;
using System.Text.Json.Nodes;
using ComputeShare.TestSupport.Servers;
using Npgsql;

namespace ComputeShare.Benchmarks.Money;

/// <summary>
/// How many requests a second one Billing settles, beside what the same PostgreSQL does of the plainest transactions there are, in turns
/// and with commits on disk for both. The settled requests have holds, as a gateway's have; those are placed before, on another clock.
/// </summary>
internal sealed class BillingBenchmark : IBenchmark
{
    private const int Rounds = 3;
    private const int WarmUp = 5_000;
    private const int RequestsPerRound = 30_000;
    private static readonly TimeSpan PgBenchTime = TimeSpan.FromSeconds(5);

    public string Name => "billing";

    public string Description => "settlements per second beside pgbench -N -M prepared on the same PostgreSQL";

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        await using var postgres = await PostgresServer.StartAsync(CancellationToken.None);
        var pgbench = await PgBench.PrepareAsync(await postgres.CreateDatabaseAsync(CancellationToken.None));
        await using var billing = await BillingProcess.StartAsync(await postgres.CreateDatabaseAsync(CancellationToken.None));
        await using var load = await SettlementLoad.OpenAsync(billing);
        try
        {
            return await MeasureAsync(pgbench, billing, load, table);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidOperationException($"{error.Message} Billing's output:\n{billing.Output}", error);
        }
    }

    private static async Task<JsonObject> MeasureAsync(PgBench pgbench, BillingProcess billing, SettlementLoad load, TextWriter table)
    {
        await load.HoldAndSettleAsync(WarmUp);
        await table.WriteLineAsync($"PostgreSQL: {await SettingsAsync(billing.Database)}");
        await table.WriteLineAsync("round  pgbench tps  holds/s  settlements/s  ratio");
        var (tps, holds, settlements) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 1; round <= Rounds; round++)
        {
            tps.Add(await pgbench.RunAsync(PgBenchTime));
            var (held, settled) = await load.HoldAndSettleAsync(RequestsPerRound);
            holds.Add(held);
            settlements.Add(settled);
            await table.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{round,5}  {tps[^1],11:0}  {held,7:0}  {settled,13:0}  {settled / tps[^1],5:0.00}"));
        }

        var (plain, settling) = (Median.Of(tps), Median.Of(settlements));
        await table.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{"all",5}  {plain,11:0}  {Median.Of(holds),7:0}  {settling,13:0}  {settling / plain,5:0.00}"));
        await load.CheckAsync();
        return new JsonObject
        {
            ["settlements_per_second"] = Math.Round(settling),
            ["pgbench_tps"] = Math.Round(plain),
            ["ratio"] = Math.Round(settling / plain, 2),
            ["holds_per_second"] = Math.Round(Median.Of(holds)),
        };
    }

    private static async Task<string> SettingsAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            "SELECT string_agg(name || ' = ' || setting, ', ' ORDER BY name) FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'server_version')");
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
