using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts.Inference;
using Grpc.Core;

namespace ComputeShare.Billing.Nodes;

/// <summary>
/// What the marketplace calls a node's model: the catalogue's id where digest, id or alias fits, else <c>hoster/name</c>, which nobody
/// reaches but by that name.
/// </summary>
internal sealed class ModelMapping
{
    private readonly string _hosterName;
    private readonly Dictionary<string, CatalogueModelRow> _byDigest = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, CatalogueModelRow> _byName = new(StringComparer.OrdinalIgnoreCase);

    public ModelMapping(string hosterName, IReadOnlyList<CatalogueModelRow> catalogue)
    {
        _hosterName = hosterName;
        foreach (var model in catalogue)
        {
            model.Digests.ToList().ForEach(digest => _byDigest.TryAdd(digest, model));
            model.Aliases.ToList().ForEach(alias => _byName.TryAdd(alias, model));
        }

        // After the aliases, so that an id always means its own model.
        foreach (var model in catalogue)
        {
            _byName[model.Id] = model;
        }
    }

    /// <exception cref="RegistrationException">The name is empty, or would pass for a catalogue model's.</exception>
    public MappedModel Map(ServedModel model)
    {
        if (string.IsNullOrWhiteSpace(model.LocalName))
        {
            throw new RegistrationException(StatusCode.InvalidArgument, "A model has no local name.");
        }

        if (_byDigest.TryGetValue(model.Digest, out var known) || _byName.TryGetValue(model.LocalName, out known))
        {
            return new MappedModel(model, known.Id, known);
        }

        var name = $"{_hosterName}/{model.LocalName}";
        return _byName.ContainsKey(name)
            ? throw new RegistrationException(
                StatusCode.InvalidArgument,
                $"Model {model.LocalName} would be called {name}, which is another model of the catalogue.")
            : new MappedModel(model, name, null);
    }
}

internal sealed record MappedModel(ServedModel Served, string ModelId, CatalogueModelRow? Catalogue);
