using ComputeShare.Billing.ModelCatalogue;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Setup;

/// <summary>Brings the catalogue's table to what <c>catalogue.json</c> says; models that only the table knows stay.</summary>
internal sealed class CatalogueSeed(IDbContextFactory<BillingDbContext> database)
{
    public async Task SeedAsync(CatalogueFile file, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var known = await billing.CatalogueModels.ToDictionaryAsync(model => model.Id, cancellationToken);
        foreach (var entry in file.Models)
        {
            if (!known.TryGetValue(entry.Id, out var model))
            {
                model = new CatalogueModelRow { Id = entry.Id };
                billing.CatalogueModels.Add(model);
            }

            Copy(entry, model);
        }

        await billing.SaveChangesAsync(cancellationToken);
    }

    private static void Copy(CatalogueEntry entry, CatalogueModelRow model)
    {
        model.Aliases = entry.Aliases;
        model.Digests = entry.Digests;
        model.OwnedBy = entry.OwnedBy;
        model.ContextLength = entry.ContextLength;
        model.Tokenizer = entry.Tokenizer;
        model.TokensPerMessage = entry.TokensPerMessage;
        model.TokensPerRequest = entry.TokensPerRequest;
        model.QualityRank = entry.QualityRank;
        model.LowestInput = entry.LowestPrice.Input;
        model.LowestCachedInput = entry.LowestPrice.CachedInput;
        model.LowestOutput = entry.LowestPrice.Output;
        model.HighestInput = entry.HighestPrice.Input;
        model.HighestCachedInput = entry.HighestPrice.CachedInput;
        model.HighestOutput = entry.HighestPrice.Output;
        model.Description = entry.Description;
        model.Created = entry.Created;
    }
}
