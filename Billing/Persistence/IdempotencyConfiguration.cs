using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeShare.Billing.Persistence;

internal sealed class IdempotencyConfiguration : IEntityTypeConfiguration<IdempotentRequestRow>
{
    public void Configure(EntityTypeBuilder<IdempotentRequestRow> builder)
    {
        builder.HasKey(request => new { request.AccountId, request.IdempotencyKey });
        builder.HasOne(request => request.Account).WithMany().HasForeignKey(request => request.AccountId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(request => request.RequestId).IsUnique();

        // What the sweep looks for. None on reported_at: it changes every second.
        builder.HasIndex(request => request.Created);
        builder.Property(request => request.OwnerEpoch).HasDefaultValue(1L);
        builder.Property(request => request.Created).HasDefaultValueSql("now()");
        builder.Property(request => request.ReportedAt).HasDefaultValueSql("now()");
        builder.ToTable(table =>
        {
            table.HasCheckConstraint("ck_idempotent_requests_key", "length(idempotency_key) BETWEEN 1 AND 255");
            table.HasCheckConstraint("ck_idempotent_requests_body_hash", "length(body_hash) = 32");
            table.HasCheckConstraint("ck_idempotent_requests_answer", "answer IS NULL OR finished_at IS NOT NULL");
        });
    }
}
