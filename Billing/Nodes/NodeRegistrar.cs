using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Nodes;

/// <summary>
/// Says what a node's models are called here and fixes their prices. An offer that has not changed keeps its price id; a changed one
/// closes the old price and opens a new one. Two gateways may register a node at once: the node's row is the lock.
/// </summary>
internal sealed class NodeRegistrar(IDbContextFactory<BillingDbContext> database, TimeProvider clock, ILogger<NodeRegistrar> logger)
{
    private const int MaxNodeIdLength = 128;

    /// <exception cref="RegistrationException">The node may not be registered so.</exception>
    public async Task<RegisterNodeReply> RegisterAsync(RegisterNodeRequest request, CancellationToken cancellationToken)
    {
        if (request.NodeId is { Length: 0 or > MaxNodeIdLength })
        {
            throw new RegistrationException(StatusCode.InvalidArgument, $"A node id has 1 to {MaxNodeIdLength} characters.");
        }

        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var hoster = await FindHosterAsync(billing, request, cancellationToken);
        var catalogue = await billing.CatalogueModels.AsNoTracking().ToListAsync(cancellationToken);
        var mapping = new ModelMapping(hoster.Name, catalogue);
        var asked = request.Models.Select(mapping.Map).Select(model => (Model: model, Price: PriceBounds.Check(model))).ToArray();
        RefuseTwoPricesOfOneModel(asked);

        await using var transaction = await billing.Database.BeginTransactionAsync(cancellationToken);
        await LockNodeAsync(billing, request.NodeId, hoster, cancellationToken);
        var open = await billing.Prices
            .Where(price => price.NodeId == request.NodeId && price.ValidTo == null)
            .ToDictionaryAsync(price => price.ModelId, cancellationToken);
        var counts = await billing.NodeCounts.AsNoTracking().Where(row => row.NodeId == request.NodeId).ToListAsync(cancellationToken);
        var reply = new RegisterNodeReply
        {
            HosterId = hoster.Id,
            HosterName = hoster.Name,
            CountsFound = (uint)counts.Select(row => row.FoundInRow).DefaultIfEmpty().Max(),
            CountsBarred = counts.Exists(row => row.Barred is not null),
        };
        foreach (var (model, price) in asked)
        {
            var priceId = await FixPriceAsync(billing, request.NodeId, model.ModelId, price, open, cancellationToken);
            reply.Offers.Add(ToOffer(model, price, priceId));
        }

        await transaction.CommitAsync(cancellationToken);
        NodeLog.Registered(logger, request.NodeId, hoster.Name, reply.Offers.Count);
        return reply;
    }

    private static async Task<AccountRow> FindHosterAsync(
        BillingDbContext billing, RegisterNodeRequest request, CancellationToken cancellationToken)
    {
        var hosters = billing.Accounts.AsNoTracking().Where(account => account.Kind == AccountKinds.Hoster);
        if (request.HosterKeyHash.IsEmpty)
        {
            return await hosters.SingleOrDefaultAsync(account => account.Name == request.HosterName, cancellationToken)
                ?? throw new RegistrationException(StatusCode.NotFound, "No such hoster.");
        }

        var hash = request.HosterKeyHash.ToByteArray();
        var key = await billing.ApiKeys
            .FromSql($"""
                SELECT * FROM api_keys
                WHERE hash = {hash} AND kind = {KeyKinds.Hoster} AND revoked IS NULL AND (expires IS NULL OR expires > now())
                """)
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);
        return (key is null ? null : await hosters.SingleOrDefaultAsync(account => account.Id == key.AccountId, cancellationToken))
            ?? throw new RegistrationException(StatusCode.NotFound, "No such hoster.");
    }

    private static void RefuseTwoPricesOfOneModel((MappedModel Model, TokenPrice Price)[] asked)
    {
        var torn = asked.GroupBy(offer => offer.Model.ModelId).FirstOrDefault(offers => offers.Distinct(SamePrice).Count() > 1);
        if (torn is not null)
        {
            var names = string.Join(" and ", torn.Select(offer => offer.Model.Served.LocalName));
            throw new RegistrationException(
                StatusCode.InvalidArgument,
                $"{names} are all {torn.Key}, and a node has one price for a model.");
        }
    }

    private static IEqualityComparer<(MappedModel Model, TokenPrice Price)> SamePrice { get; } =
        EqualityComparer<(MappedModel Model, TokenPrice Price)>.Create((a, b) => a.Price == b.Price, offer => offer.Price.GetHashCode());

    private static async Task LockNodeAsync(BillingDbContext billing, string nodeId, AccountRow hoster, CancellationToken cancellationToken)
    {
        await billing.Database.ExecuteSqlAsync(
            $"INSERT INTO nodes (id, hoster_id) VALUES ({nodeId}, {hoster.Id}) ON CONFLICT (id) DO NOTHING", cancellationToken);
        var node = await billing.Nodes
            .FromSql($"SELECT * FROM nodes WHERE id = {nodeId} FOR UPDATE")
            .AsNoTracking()
            .SingleAsync(cancellationToken);
        if (node.HosterId != hoster.Id)
        {
            throw new RegistrationException(StatusCode.PermissionDenied, "This node id is another hoster's.");
        }
    }

    private async Task<string> FixPriceAsync(
        BillingDbContext billing,
        string nodeId,
        string modelId,
        TokenPrice price,
        Dictionary<string, PriceRow> open,
        CancellationToken cancellationToken)
    {
        if (open.TryGetValue(modelId, out var current))
        {
            if (new TokenPrice(current.Input, current.CachedInput, current.Output) == price)
            {
                return current.Id;
            }

            await billing.Database.ExecuteSqlAsync($"UPDATE prices SET valid_to = now() WHERE id = {current.Id}", cancellationToken);
        }

        var opened = new PriceRow
        {
            Id = RowIds.New(clock),
            NodeId = nodeId,
            ModelId = modelId,
            Input = price.Input,
            CachedInput = price.CachedInput,
            Output = price.Output,
        };
        billing.Prices.Add(opened);
        await billing.SaveChangesAsync(cancellationToken);
        open[modelId] = opened;
        return opened.Id;
    }

    private static RegisteredOffer ToOffer(MappedModel model, TokenPrice price, string priceId) => new()
    {
        LocalName = model.Served.LocalName,
        ModelId = model.ModelId,
        InCatalogue = model.Catalogue is not null,
        PriceId = priceId,
        Prices = new Prices { Input = price.Input, CachedInput = price.CachedInput, Output = price.Output },
        Aliases = { model.Catalogue?.Aliases ?? [] },
        QualityRank = (uint)(model.Catalogue?.QualityRank ?? 0),
    };
}
