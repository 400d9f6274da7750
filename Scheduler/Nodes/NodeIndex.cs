using System.Collections.Immutable;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// Immutable view of all nodes that a placement decision is made on: by node, by model, by alias. A changed node costs a few steps
/// down the trees of its own models, whatever the number of nodes.
/// </summary>
internal sealed record NodeIndex(
    ImmutableDictionary<string, NodeSnapshot> Nodes,
    ImmutableDictionary<string, ModelEntry> Models,
    ImmutableDictionary<string, string> ModelOfAlias)
{
    public static readonly NodeIndex Empty = new(
        ImmutableDictionary.Create<string, NodeSnapshot>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ModelEntry>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, string>(StringComparer.Ordinal));

    /// <summary>By id first: an alias never hides a model.</summary>
    public ModelEntry? Find(string name) =>
        Models.TryGetValue(name, out var model) || (ModelOfAlias.TryGetValue(name, out var id) && Models.TryGetValue(id, out model))
            ? model
            : null;

    public NodeIndex With(NodeSnapshot node, OfferOrders parkedIn = OfferOrders.None)
    {
        var (before, models) = Without(node.NodeId, Models);
        foreach (var offer in node.Offers)
        {
            var model = models.GetValueOrDefault(offer.ModelId) ?? ModelEntry.Empty(offer.ModelId);
            models = models.SetItem(offer.ModelId, model.Add(offer, parkedIn));
        }

        return this with { Nodes = Nodes.SetItem(node.NodeId, node), Models = models, ModelOfAlias = Aliases(before, node, models) };
    }

    public NodeIndex Without(string nodeId)
    {
        var (before, models) = Without(nodeId, Models);
        return before is null ? this : this with { Nodes = Nodes.Remove(nodeId), Models = models, ModelOfAlias = Aliases(before, null, models) };
    }

    /// <summary>Leaves the nodes' offers out of the orders; <see cref="Unpark"/> brings them back.</summary>
    /// <param name="nodes">As they stand in this index.</param>
    /// <param name="orders">Where they are not parked yet.</param>
    public NodeIndex Park(IEnumerable<NodeSnapshot> nodes, OfferOrders orders) =>
        Change(nodes, (model, offers) => model.Park(offers, orders));

    public NodeIndex Unpark(IEnumerable<NodeSnapshot> nodes, OfferOrders orders) =>
        Change(nodes, (model, offers) => model.Unpark(offers, orders));

    private NodeIndex Change(IEnumerable<NodeSnapshot> nodes, Func<ModelEntry, IEnumerable<NodeOffer>, ModelEntry> change)
    {
        var models = Models;
        foreach (var offers in nodes.SelectMany(node => node.Offers).GroupBy(offer => offer.ModelId, StringComparer.Ordinal))
        {
            models = models.SetItem(offers.Key, change(models[offers.Key], offers));
        }

        return this with { Models = models };
    }

    private (NodeSnapshot? Before, ImmutableDictionary<string, ModelEntry> Models) Without(
        string nodeId, ImmutableDictionary<string, ModelEntry> models)
    {
        var before = Nodes.GetValueOrDefault(nodeId);
        foreach (var offer in before?.Offers ?? [])
        {
            // Absent where a report offers one model twice under one name: the first took the entry with it.
            if (models.TryGetValue(offer.ModelId, out var model))
            {
                model = model.Remove(offer);
                models = model.IsEmpty ? models.Remove(offer.ModelId) : models.SetItem(offer.ModelId, model);
            }
        }

        return (before, models);
    }

    // Made anew only when a node's aliases change, which is rare: when a model comes, goes, or is renamed in the catalogue.
    private ImmutableDictionary<string, string> Aliases(
        NodeSnapshot? before, NodeSnapshot? after, ImmutableDictionary<string, ModelEntry> models)
    {
        if (AliasesOf(before).SequenceEqual(AliasesOf(after)))
        {
            return ModelOfAlias;
        }

        var aliases = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var model in models.Values.OrderBy(model => model.ModelId, StringComparer.Ordinal))
        {
            foreach (var alias in model.Any.Aliases)
            {
                aliases.TryAdd(alias, model.ModelId);
            }
        }

        return aliases.ToImmutable();
    }

    private static IEnumerable<(string ModelId, string Alias)> AliasesOf(NodeSnapshot? node) =>
        from offer in node?.Offers ?? []
        from alias in offer.Aliases
        select (offer.ModelId, alias);
}
