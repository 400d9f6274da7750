using ComputeShare.Billing.Payouts;
using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeShare.Billing.Persistence;

/// <summary>What becomes of earnings: roll-ups of the ledger, payouts; and where money comes from.</summary>
internal sealed class EarningsConfiguration
    : IEntityTypeConfiguration<BookSumRow>,
        IEntityTypeConfiguration<RollUpRow>,
        IEntityTypeConfiguration<HosterDayRow>,
        IEntityTypeConfiguration<PaymentSourceRow>,
        IEntityTypeConfiguration<PayoutRow>,
        IEntityTypeConfiguration<PaymentEventRow>
{
    public void Configure(EntityTypeBuilder<BookSumRow> builder) => builder.HasKey(sum => new { sum.AccountId, sum.Book });

    public void Configure(EntityTypeBuilder<RollUpRow> builder) => builder.Property(rollUp => rollUp.Id).ValueGeneratedNever();

    public void Configure(EntityTypeBuilder<HosterDayRow> builder) => builder.HasKey(day => new { day.HosterId, day.Day, day.NodeId, day.Model });

    public void Configure(EntityTypeBuilder<PaymentSourceRow> builder)
    {
        builder.HasKey(source => new { source.AccountId, source.Source });
        builder.HasIndex(source => source.Source);
        builder.HasOne(source => source.Account).WithMany().HasForeignKey(source => source.AccountId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(source => source.Created).HasDefaultValueSql("now()");
    }

    public void Configure(EntityTypeBuilder<PayoutRow> builder)
    {
        builder.HasOne(payout => payout.Hoster).WithMany().HasForeignKey(payout => payout.HosterId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(payout => payout.Batch);

        // One on its way at a time: the same earnings are not proposed twice.
        builder.HasIndex(payout => payout.HosterId).IsUnique().HasFilter("state IN ('proposed', 'approved')").HasDatabaseName("IX_payouts_open");
        builder.Property(payout => payout.Created).HasDefaultValueSql("now()");
        builder.Property(payout => payout.Reference).HasDefaultValue("");
        builder.Property(payout => payout.Reason).HasDefaultValue("");
        builder.ToTable(table =>
        {
            table.HasCheckConstraint("ck_payouts_amount", "amount > 0");
            table.HasCheckConstraint("ck_payouts_state", $"state IN ('{string.Join("', '", PayoutStates.All)}')");
        });
    }

    public void Configure(EntityTypeBuilder<PaymentEventRow> builder)
    {
        builder.HasKey(payment => new { payment.Provider, payment.EventId });
        builder.Property(payment => payment.Received).HasDefaultValueSql("now()");
    }
}
