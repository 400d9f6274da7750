using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeShare.Billing.Persistence;

internal sealed class AccountConfiguration
    : IEntityTypeConfiguration<AccountRow>, IEntityTypeConfiguration<ApiKeyRow>, IEntityTypeConfiguration<SpendCapRow>
{
    public void Configure(EntityTypeBuilder<AccountRow> builder)
    {
        builder.HasIndex(account => account.Name).IsUnique();
        builder.Property(account => account.Created).HasDefaultValueSql("now()");
        builder.ToTable(table =>
        {
            table.HasCheckConstraint(
                "ck_accounts_kind", $"kind IN ('{AccountKinds.Consumer}', '{AccountKinds.Hoster}', '{AccountKinds.Platform}')");

            // The last word against spending twice, whatever the code above it does.
            table.HasCheckConstraint("ck_accounts_funds", "balance >= 0 AND held >= 0 AND balance - held >= 0");
            table.HasCheckConstraint(
                "ck_accounts_funds_of_consumers_only", $"kind = '{AccountKinds.Consumer}' OR (balance = 0 AND held = 0)");
            table.HasCheckConstraint(
                "ck_accounts_limits", "parallel_requests >= 0 AND requests_per_minute >= 0 AND tokens_per_minute >= 0");
        });
    }

    public void Configure(EntityTypeBuilder<ApiKeyRow> builder)
    {
        builder.HasIndex(key => key.Hash).IsUnique();
        builder.HasIndex(key => key.PreviousHash).IsUnique();
        builder.HasOne(key => key.Account).WithMany().HasForeignKey(key => key.AccountId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(key => key.Name).HasDefaultValue("");
        builder.Property(key => key.Created).HasDefaultValueSql("now()");
        builder.Property(key => key.ParallelRequests).HasDefaultValue(0);
        builder.Property(key => key.RequestsPerMinute).HasDefaultValue(0);
        builder.Property(key => key.TokensPerMinute).HasDefaultValue(0);
        builder.Property(key => key.Policy).HasDefaultValue("");
        builder.ToTable(table =>
        {
            table.HasCheckConstraint("ck_api_keys_kind", $"kind IN ('{KeyKinds.Consumer}', '{KeyKinds.Hoster}', '{KeyKinds.Management}')");
            table.HasCheckConstraint("ck_api_keys_hash", "length(hash) = 32");
            table.HasCheckConstraint(
                "ck_api_keys_limits", "parallel_requests >= 0 AND requests_per_minute >= 0 AND tokens_per_minute >= 0");
        });
    }

    public void Configure(EntityTypeBuilder<SpendCapRow> builder)
    {
        builder.HasKey(cap => new { cap.KeyId, cap.Period });
        builder.HasOne(cap => cap.Key).WithMany().HasForeignKey(cap => cap.KeyId).OnDelete(DeleteBehavior.Restrict);
        builder.ToTable(table =>
        {
            table.HasCheckConstraint("ck_spend_caps_period", $"period IN ('{string.Join("', '", SpendWindows.All)}')");
            table.HasCheckConstraint("ck_spend_caps_amounts", "amount >= 0 AND spent >= 0");
        });
    }
}
