using System.Text.RegularExpressions;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeShare.Billing.Administration;

/// <summary>Changes the catalogue. Gateways show a change within seconds; nodes are mapped by it when they join.</summary>
internal sealed partial class CatalogueEditor(IDbContextFactory<BillingDbContext> database, TimeProvider clock)
{
    // A model name that means "any model".
    private const string Auto = "auto";

    public async Task<IReadOnlyList<CatalogueModelRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        return await billing.CatalogueModels.AsNoTracking()
            .OrderBy(model => model.QualityRank).ThenBy(model => model.Id)
            .ToListAsync(cancellationToken);
    }

    /// <exception cref="AdministrationException">A name is none, or another model's.</exception>
    public async Task AddAsync(CatalogueModelRow model, CancellationToken cancellationToken)
    {
        string[] names = [model.Id, .. model.Aliases];
        if (Array.Find(names, name => !Shape().IsMatch(name) || name.Equals(Auto, StringComparison.OrdinalIgnoreCase)) is { } wrong)
        {
            throw new AdministrationException(
                $"{wrong} is no model name: parts of letters, digits, dots, colons, dashes or underscores, joined by slashes, and not auto.");
        }

        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var known = await billing.CatalogueModels.AsNoTracking().ToListAsync(cancellationToken);
        foreach (var other in known)
        {
            Refuse(names.Intersect([other.Id, .. other.Aliases], StringComparer.OrdinalIgnoreCase), other);
            Refuse(model.Digests.Intersect(other.Digests, StringComparer.OrdinalIgnoreCase), other);
        }

        model.Created = clock.GetUtcNow();
        billing.CatalogueModels.Add(model);
        try
        {
            await billing.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException error) when (error.InnerException is PostgresException { SqlState: PostgresErrorCodes.CheckViolation })
        {
            throw new AdministrationException("A lowest price is above its highest.");
        }
    }

    /// <exception cref="AdministrationException">There is no such model.</exception>
    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        if (await billing.CatalogueModels.Where(model => model.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            throw new AdministrationException($"There is no model {id} in the catalogue.");
        }
    }

    private static void Refuse(IEnumerable<string> shared, CatalogueModelRow other)
    {
        if (shared.FirstOrDefault() is { } name)
        {
            throw new AdministrationException($"{name} is in the catalogue already, as a name of {other.Id}.");
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9._:-]+(/[A-Za-z0-9._:-]+)*\z")]
    private static partial Regex Shape();
}
