using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ComputeShare.Billing.Persistence;

/// <summary>
/// For <c>dotnet ef migrations add NAME --project Billing --output-dir Persistence/Migrations</c>, which needs the model and no server.
/// </summary>
internal sealed class BillingDbContextDesignFactory : IDesignTimeDbContextFactory<BillingDbContext>
{
    public BillingDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<BillingDbContext>().UseNpgsql("Host=localhost").Options);
}
