using System.Collections.Frozen;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Metering;

/// <summary>The catalogue's models by what they may be asked for as. Immutable.</summary>
internal sealed class MeterTable
{
    public static readonly MeterTable Empty = new([]);

    private readonly FrozenDictionary<string, ModelMeter> _byName;
    private readonly ModelMeter[] _all;

    /// <param name="models">Each with its id and its aliases; ids go before others' aliases.</param>
    public MeterTable(IReadOnlyCollection<(string Id, IEnumerable<string> Aliases, ModelMeter Meter)> models)
    {
        var byName = new Dictionary<string, ModelMeter>(StringComparer.OrdinalIgnoreCase);
        foreach (var (id, _, meter) in models)
        {
            byName[id] = meter;
        }

        foreach (var (_, aliases, meter) in models)
        {
            foreach (var alias in aliases)
            {
                byName.TryAdd(alias, meter);
            }
        }

        _byName = byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _all = [.. models.Select(model => model.Meter).Distinct()];
    }

    /// <param name="model">An id, as in a lease.</param>
    public ModelMeter Of(string model) => _byName.GetValueOrDefault(model, ModelMeter.Unknown);

    /// <summary>Those that a request for these names may end at.</summary>
    public IReadOnlyCollection<ModelMeter> Candidates(IReadOnlyList<string> models) => models.Contains(ModelDirectory.Auto) && _all.Length > 0
        ? _all
        : [.. models.Select(Of).Distinct()];
}
