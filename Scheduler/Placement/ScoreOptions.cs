using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Placement;

/// <summary>What each quality of a node is worth, in points: a hundred are what twice the price costs unless it is set otherwise.</summary>
internal sealed class ScoreOptions
{
    public const string Section = "Scores";

    /// <summary>Points lost with each doubling of the price: the measure of all others. Default: 100.</summary>
    [SettingRange("Scores:PricePerDoubling", "0", "10000")]
    public int PricePerDoubling { get; set; } = 100;

    /// <summary>
    /// Nano-dollars per million tokens below which a price hardly counts: nobody waits longer to save a tenth of a cent per million.
    /// Default: 1,000,000.
    /// </summary>
    [SettingRange("Scores:PriceFloor", "1", "1000000000")]
    public int PriceFloor { get; set; } = 1_000_000;

    /// <summary>
    /// Points lost with each doubling of the time to the first token, half by its average and half by what one in ten exceeds. Default: 30.
    /// </summary>
    [SettingRange("Scores:TtftPerDoubling", "0", "10000")]
    public int TtftPerDoubling { get; set; } = 30;

    /// <summary>Points won with each doubling of a stream's tokens per second. Default: 50.</summary>
    [SettingRange("Scores:ThroughputPerDoubling", "0", "10000")]
    public int ThroughputPerDoubling { get; set; } = 50;

    /// <summary>Points that a node which always fails loses; with one failure in ten it is worth half its price. Default: 1,000.</summary>
    [SettingRange("Scores:Errors", "0", "100000")]
    public int Errors { get; set; } = 1000;

    /// <summary>
    /// Points that a node loses for each time in a row that its own token counts were found too high: twice what twice the price costs, so
    /// that others are preferred long before it is barred. Default: 200.
    /// </summary>
    [SettingRange("Scores:Counts", "0", "100000")]
    public int Counts { get; set; } = 200;

    /// <summary>
    /// Points that a node loses for each time in a row that probes were against it. Default: 200, as for counts: honest nodes that are up to four
    /// times as dear are then preferred.
    /// </summary>
    [SettingRange("Scores:Probes", "0", "100000")]
    public int Probes { get; set; } = 200;

    /// <summary>
    /// Points that a full node loses, an emptier one in proportion: streams side by side slow each other down. To whoever does not come back to
    /// a prefix, a node is at least as loaded as usual (<c>Measuring:LoadHalfLife</c>). Default: 100.
    /// </summary>
    [SettingRange("Scores:Load", "0", "10000")]
    public int Load { get; set; } = 100;

    /// <summary>
    /// Points won by a node that holds the whole prompt's prefix, in proportion where it holds a part: prefill is most of a long prompt's
    /// cost, and holders of a conversation's first turns hold half of it. More than half of <see cref="Load"/>, so that a conversation stays on a
    /// half-loaded node. Default: 200.
    /// </summary>
    [SettingRange("Scores:Affinity", "0", "10000")]
    public int Affinity { get; set; } = 200;

    /// <summary>
    /// Percent of a node's slots from which on a held prefix counts nothing: a hot prefix spreads to other nodes, which then hold it too.
    /// Default: 75.
    /// </summary>
    [SettingRange("Scores:AffinityUpToLoad", "0", "100")]
    public int AffinityUpToLoad { get; set; } = 75;

    /// <summary>
    /// Points by which a node may be worse than the best that fits to be picked by chance all the same: load is shared among equals, not
    /// with a node of ten times the price. Default: 100.
    /// </summary>
    [SettingRange("Scores:Spread", "0", "100000")]
    public int Spread { get; set; } = 100;
}

[OptionsValidator]
internal sealed partial class ScoreOptionsValidator : IValidateOptions<ScoreOptions>;
