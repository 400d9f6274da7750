using System.Text.Json;
using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Persistence;

/// <summary>
/// The schema, and the way to it for what is rare (keys, nodes, catalogue). Holds and settlements go past it, in plain SQL, many in one
/// statement.
/// </summary>
internal sealed class BillingDbContext(DbContextOptions<BillingDbContext> options) : DbContext(options)
{
    public DbSet<AccountRow> Accounts => Set<AccountRow>();

    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    public DbSet<SpendCapRow> SpendCaps => Set<SpendCapRow>();

    public DbSet<NodeRow> Nodes => Set<NodeRow>();

    public DbSet<PriceRow> Prices => Set<PriceRow>();

    public DbSet<NodeCountsRow> NodeCounts => Set<NodeCountsRow>();

    public DbSet<NodeProbesRow> NodeProbes => Set<NodeProbesRow>();

    public DbSet<CatalogueModelRow> CatalogueModels => Set<CatalogueModelRow>();

    public DbSet<LedgerTransactionRow> LedgerTransactions => Set<LedgerTransactionRow>();

    public DbSet<LedgerEntryRow> LedgerEntries => Set<LedgerEntryRow>();

    public DbSet<HoldRow> Holds => Set<HoldRow>();

    public DbSet<IdempotentRequestRow> IdempotentRequests => Set<IdempotentRequestRow>();

    public DbSet<GenerationRow> Generations => Set<GenerationRow>();

    public DbSet<BookSumRow> BookSums => Set<BookSumRow>();

    public DbSet<RollUpRow> RollUps => Set<RollUpRow>();

    public DbSet<HosterDayRow> HosterDays => Set<HosterDayRow>();

    public DbSet<PaymentSourceRow> PaymentSources => Set<PaymentSourceRow>();

    public DbSet<PayoutRow> Payouts => Set<PayoutRow>();

    public DbSet<PaymentEventRow> PaymentEvents => Set<PaymentEventRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(BillingDbContext).Assembly);
        UsePostgresNames(modelBuilder);
    }

    // Folded names need no quotes in SQL.
    private static void UsePostgresNames(ModelBuilder modelBuilder)
    {
        foreach (var table in modelBuilder.Model.GetEntityTypes())
        {
            table.SetTableName(SnakeCase(table.GetTableName()!));
            foreach (var property in table.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }

            foreach (var key in table.GetKeys())
            {
                key.SetName(SnakeCase(key.GetName()!));
            }

            foreach (var index in table.GetIndexes())
            {
                index.SetDatabaseName(SnakeCase(index.GetDatabaseName()!));
            }

            foreach (var reference in table.GetForeignKeys())
            {
                reference.SetConstraintName(SnakeCase(reference.GetConstraintName()!));
            }
        }
    }

    private static string SnakeCase(string name) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(name).Replace("__", "_", StringComparison.Ordinal);
}
