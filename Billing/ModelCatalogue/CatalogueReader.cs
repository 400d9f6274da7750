using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.ModelCatalogue;

internal sealed class CatalogueReader(IDbContextFactory<BillingDbContext> database)
{
    public async Task<Catalogue> ReadAsync(CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var models = await billing.CatalogueModels.AsNoTracking().OrderBy(model => model.Id).ToListAsync(cancellationToken);
        return new Catalogue { Models = { models.Select(ToWire) } };
    }

    private static CatalogueModel ToWire(CatalogueModelRow model) => new()
    {
        ModelId = model.Id,
        Aliases = { model.Aliases },
        Digests = { model.Digests },
        OwnedBy = model.OwnedBy,
        ContextLength = (uint)model.ContextLength,
        Tokenizer = model.Tokenizer,
        TokensPerMessage = (uint)model.TokensPerMessage,
        TokensPerRequest = (uint)model.TokensPerRequest,
        QualityRank = (uint)model.QualityRank,
        LowestPrice = new Prices { Input = model.LowestInput, CachedInput = model.LowestCachedInput, Output = model.LowestOutput },
        HighestPrice = new Prices { Input = model.HighestInput, CachedInput = model.HighestCachedInput, Output = model.HighestOutput },
        Description = model.Description,
        Created = model.Created.ToUnixTimeSeconds(),
    };
}
