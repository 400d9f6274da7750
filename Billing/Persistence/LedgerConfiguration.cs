using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeShare.Billing.Persistence;

/// <summary>
/// The ledger and what leads to it. Its triggers (append-only, balanced) and its partitions, a month of request ids each, are in the
/// migrations LedgerGuards and MonthPartitions. Entries and holds name accounts and prices without foreign keys: one to the platform's one row, or
/// to a price that many requests share, would make every settlement write to it, and nobody may remove an account. That an entry's transaction is
/// there, the trigger checks once per statement; it needs no lock, because nobody can remove it.
/// </summary>
internal sealed class LedgerConfiguration
    : IEntityTypeConfiguration<LedgerTransactionRow>,
        IEntityTypeConfiguration<LedgerEntryRow>,
        IEntityTypeConfiguration<HoldRow>,
        IEntityTypeConfiguration<GenerationRow>
{
    public void Configure(EntityTypeBuilder<LedgerTransactionRow> builder)
    {
        builder.HasKey(transaction => new { transaction.RequestId, transaction.Kind });
        builder.Property(transaction => transaction.Created).HasDefaultValueSql("booking_time()");
        builder.ToTable(table => table.HasCheckConstraint(
            "ck_ledger_transactions_kind", $"kind IN ('{string.Join("', '", TransactionKinds.Plain)}') OR kind ~ '^(correction|refund)-[1-9][0-9]{{0,8}}$'"));

        // A few bytes for each hundred pages: what a roll-up reads lies together, because the table only grows.
        builder.HasIndex(transaction => transaction.Created).HasMethod("brin");
    }

    public void Configure(EntityTypeBuilder<LedgerEntryRow> builder)
    {
        builder.HasKey(entry => new { entry.RequestId, entry.Kind, entry.Position });
        builder.ToTable(table =>
        {
            table.HasCheckConstraint("ck_ledger_entries_amount", "amount <> 0");
            table.HasCheckConstraint("ck_ledger_entries_book", $"book IN ('{string.Join("', '", Books.All)}')");
        });
    }

    public void Configure(EntityTypeBuilder<HoldRow> builder)
    {
        builder.HasKey(hold => hold.RequestId);

        // What is held for a capped key is added up by it.
        builder.HasIndex(hold => hold.AccountId);

        // No index on reported_at: it changes every second, and the reaper reads a small table from end to end.
        builder.Property(hold => hold.ReportedAt).HasDefaultValueSql("now()");
        builder.Property(hold => hold.Checkpoint).HasColumnType("jsonb");
        builder.Property(hold => hold.CheckpointTokens).HasDefaultValue(0L);
        builder.Property(hold => hold.OwnerEpoch).HasDefaultValue(0L);

        // A seq of 0: taken over, and the new owner has not spoken yet.
        builder.ToTable(table => table.HasCheckConstraint("ck_holds_amounts", "amount >= 0 AND seq >= 0"));
    }

    public void Configure(EntityTypeBuilder<GenerationRow> builder)
    {
        builder.HasKey(generation => generation.RequestId);
        builder.Property(generation => generation.Record).HasColumnType("jsonb");
        builder.Property(generation => generation.Shares).HasColumnType("jsonb");
        builder.Property(generation => generation.LateShares).HasColumnType("jsonb");
        builder.Property(generation => generation.SettledAt).HasDefaultValueSql("now()");
        builder.Property(generation => generation.KeyId).HasDefaultValue("");
        builder.Property(generation => generation.Model).HasDefaultValue("");
        builder.Property(generation => generation.PromptTokens).HasDefaultValue(0L);
        builder.Property(generation => generation.CachedTokens).HasDefaultValue(0L);
        builder.Property(generation => generation.CompletionTokens).HasDefaultValue(0L);

        // An account's usage of some days is read without looking at anybody else's.
        builder.HasIndex(generation => new { generation.AccountId, generation.SettledAt });
        builder.ToTable(table => table.HasCheckConstraint("ck_generations_amount", "amount >= 0"));
    }
}
