using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeShare.Billing.Persistence;

/// <summary>What is offered: nodes, their prices and how far their counts are to be trusted, and the catalogue's models.</summary>
internal sealed class OfferConfiguration
    : IEntityTypeConfiguration<NodeRow>, IEntityTypeConfiguration<NodeCountsRow>, IEntityTypeConfiguration<NodeProbesRow>,
        IEntityTypeConfiguration<PriceRow>, IEntityTypeConfiguration<CatalogueModelRow>
{
    public void Configure(EntityTypeBuilder<NodeRow> builder)
    {
        builder.HasOne(node => node.Hoster).WithMany().HasForeignKey(node => node.HosterId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(node => node.Created).HasDefaultValueSql("now()");
    }

    public void Configure(EntityTypeBuilder<NodeCountsRow> builder)
    {
        builder.HasKey(counts => new { counts.NodeId, counts.ModelId });
        builder.HasOne(counts => counts.Node).WithMany().HasForeignKey(counts => counts.NodeId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(counts => counts.Updated).HasDefaultValueSql("now()");
    }

    public void Configure(EntityTypeBuilder<NodeProbesRow> builder)
    {
        builder.HasKey(probes => new { probes.NodeId, probes.ModelId });
        builder.HasOne(probes => probes.Node).WithMany().HasForeignKey(probes => probes.NodeId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(probes => probes.Updated).HasDefaultValueSql("now()");
    }

    public void Configure(EntityTypeBuilder<PriceRow> builder)
    {
        builder.HasOne(price => price.Node).WithMany().HasForeignKey(price => price.NodeId).OnDelete(DeleteBehavior.Restrict);

        // One open price per node and model, also when two gateways register a node at once.
        builder.HasIndex(price => new { price.NodeId, price.ModelId }).IsUnique().HasFilter("valid_to IS NULL");
        builder.Property(price => price.ValidFrom).HasDefaultValueSql("now()");
        builder.ToTable(table => table.HasCheckConstraint("ck_prices_amounts", "input >= 0 AND cached_input >= 0 AND output >= 0"));
    }

    public void Configure(EntityTypeBuilder<CatalogueModelRow> builder) =>
        builder.ToTable(table => table.HasCheckConstraint(
            "ck_catalogue_models_bounds",
            "lowest_input BETWEEN 0 AND highest_input AND lowest_cached_input BETWEEN 0 AND highest_cached_input"
            + " AND lowest_output BETWEEN 0 AND highest_output"));
}
