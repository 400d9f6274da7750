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
/// Says what a node's models are called here and fixes their prices, those that were set ahead too. An offer that has not changed keeps its
/// price id; a changed one ends the old price and opens a new one. Two gateways may register a node at once: the node's row is the lock.
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
        var asked = request.Models.Select(mapping.Map).Select(model => (Model: model, Prices: PriceBounds.Check(model))).ToArray();
        RefuseTwoPricesOfOneModel(asked);

        await using var transaction = await billing.Database.BeginTransactionAsync(cancellationToken);
        await LockNodeAsync(billing, request.NodeId, hoster, cancellationToken);
        // Not the transaction's own time: whoever held the lock meanwhile may have opened a price after that.
        var now = await billing.Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken);
        var rows = await billing.Prices.AsNoTracking()
            .Where(price => price.NodeId == request.NodeId && (price.ValidTo == null || price.ValidTo > now))
            .ToListAsync(cancellationToken);
        var counts = await billing.NodeCounts.AsNoTracking().Where(row => row.NodeId == request.NodeId).ToListAsync(cancellationToken);
        var probes = await billing.NodeProbes.AsNoTracking().Where(row => row.NodeId == request.NodeId).ToListAsync(cancellationToken);
        var reply = new RegisterNodeReply
        {
            HosterId = hoster.Id,
            HosterName = hoster.Name,
            CountsFound = (uint)counts.Select(row => row.FoundInRow).DefaultIfEmpty().Max(),
            CountsBarred = counts.Exists(row => row.Barred is not null),
            ProbesFound = (uint)probes.Select(row => row.FoundInRow).DefaultIfEmpty().Max(),
            ProbesBarred = probes.Exists(row => row.Barred is not null),
        };
        var fixedPrices = new Dictionary<string, (PricePeriod Period, string Id)>(StringComparer.Ordinal);
        foreach (var (model, prices) in asked)
        {
            if (!fixedPrices.TryGetValue(model.ModelId, out var price))
            {
                var ofModel = rows.Where(row => row.ModelId == model.ModelId).ToArray();
                price = await FixPricesAsync(billing, request.NodeId, model.ModelId, ofModel, prices.From(now), now, cancellationToken);
                fixedPrices.Add(model.ModelId, price);
            }

            reply.Offers.Add(ToOffer(model, price.Period.Price, price.Id));
        }

        if (fixedPrices.Values.Min(price => price.Period.To) is { } next)
        {
            // 0 would say that there is none.
            reply.NextPriceInMs = (ulong)Math.Max(1, Math.Ceiling((next - now).TotalMilliseconds));
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

        var key = await KeyRegister.Living(billing, request.HosterKeyHash.ToByteArray())
            .SingleOrDefaultAsync(key => key.Kind == KeyKinds.Hoster, cancellationToken);
        return (key is null ? null : await hosters.SingleOrDefaultAsync(account => account.Id == key.AccountId, cancellationToken))
            ?? throw new RegistrationException(StatusCode.NotFound, "No such hoster.");
    }

    private static void RefuseTwoPricesOfOneModel((MappedModel Model, PriceSchedule Prices)[] asked)
    {
        var torn = asked.GroupBy(offer => offer.Model.ModelId).FirstOrDefault(offers => offers.Any(offer => !offer.Prices.IsSameAs(offers.First().Prices)));
        if (torn is not null)
        {
            var names = string.Join(" and ", torn.Select(offer => offer.Model.Served.LocalName));
            throw new RegistrationException(
                StatusCode.InvalidArgument,
                $"{names} are all {torn.Key}, and a node has one price for a model.");
        }
    }

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

    /// <summary>What is asked now, and its price id.</summary>
    private async Task<(PricePeriod Period, string Id)> FixPricesAsync(
        BillingDbContext billing,
        string nodeId,
        string modelId,
        PriceRow[] rows,
        IReadOnlyList<PricePeriod> periods,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var change = PriceChange.Of(rows, periods, now);

        // Those that end first: only one may be open at any moment.
        foreach (var (row, to) in change.Ended.OrderBy(ended => ended.To is null))
        {
            await billing.Database.ExecuteSqlAsync($"UPDATE prices SET valid_to = {to} WHERE id = {row.Id}", cancellationToken);
        }

        var currentId = change.Current?.Id;
        foreach (var period in change.Opened)
        {
            var opened = new PriceRow
            {
                Id = RowIds.New(clock),
                NodeId = nodeId,
                ModelId = modelId,
                Input = period.Price.Input,
                CachedInput = period.Price.CachedInput,
                Output = period.Price.Output,
                ValidFrom = period.From,
                ValidTo = period.To,
            };
            billing.Prices.Add(opened);
            await billing.SaveChangesAsync(cancellationToken);
            currentId = period.From == now ? opened.Id : currentId;
        }

        return (periods[0], currentId!);
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
