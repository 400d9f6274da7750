using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Nodes;

/// <summary>A price and the time it is asked in; <paramref name="To"/> null: until further notice.</summary>
internal sealed record PricePeriod(DateTimeOffset From, DateTimeOffset? To, TokenPrice Price);

/// <summary>What a hoster asks for one model: now, and from later moments on, which it set ahead.</summary>
internal sealed record PriceSchedule(TokenPrice First, IReadOnlyList<(DateTimeOffset From, TokenPrice Price)> Later)
{
    public bool IsSameAs(PriceSchedule other) => First == other.First && Later.SequenceEqual(other.Later);

    /// <summary>From <paramref name="now"/> on: the first is what is asked now.</summary>
    public IReadOnlyList<PricePeriod> From(DateTimeOffset now)
    {
        var begun = Later.Where(step => step.From <= now).ToArray();
        var ahead = Later.Where(step => step.From > now).ToArray();
        (DateTimeOffset From, TokenPrice Price)[] steps = [(now, begun.Length > 0 ? begun[^1].Price : First), .. ahead];
        return [.. steps.Select((step, i) => new PricePeriod(step.From, i + 1 < steps.Length ? steps[i + 1].From : null, step.Price))];
    }
}

/// <summary>How the rows of one node and model become what its schedule says. Rows are added and ended, never changed otherwise.</summary>
/// <param name="Ended">Rows whose end is set or moved; null: open again.</param>
/// <param name="Opened">Periods without a row.</param>
/// <param name="Current">The row of what is asked now; null: the first of <paramref name="Opened"/> is.</param>
internal sealed record PriceChange(
    IReadOnlyList<(PriceRow Row, DateTimeOffset? To)> Ended, IReadOnlyList<PricePeriod> Opened, PriceRow? Current)
{
    /// <param name="rows">Those of the node and model that have not ended.</param>
    /// <param name="periods">As the schedule has them from <paramref name="now"/> on.</param>
    /// <param name="now">The database's.</param>
    public static PriceChange Of(IReadOnlyList<PriceRow> rows, IReadOnlyList<PricePeriod> periods, DateTimeOffset now)
    {
        var left = rows.ToList();
        var (ended, opened) = (new List<(PriceRow, DateTimeOffset?)>(), new List<PricePeriod>());
        PriceRow? current = null;
        foreach (var period in periods)
        {
            var isNow = period.From == now;
            var row = left.Find(row => PriceOf(row) == period.Price && (isNow ? row.ValidFrom <= now : row.ValidFrom == period.From));
            if (row is null)
            {
                opened.Add(period);
                continue;
            }

            left.Remove(row);
            current = isNow ? row : current;
            if (row.ValidTo != period.To)
            {
                ended.Add((row, period.To));
            }
        }

        // One that has not begun never does.
        ended.AddRange(left.Select(row => (row, (DateTimeOffset?)(row.ValidFrom > now ? row.ValidFrom : now))));
        return new PriceChange(ended, opened, current);
    }

    private static TokenPrice PriceOf(PriceRow row) => new(row.Input, row.CachedInput, row.Output);
}
