namespace ComputeShare.Benchmarks.Simulation;

/// <summary>The results as a picture: a panel of bars per figure, the strategies one below the other, the product's own first.</summary>
internal static class SimulationPicture
{
    private static readonly (string Title, Func<SimulationResult, double> Of, string Format)[] Panels =
    [
        ("Time to the first token, median (s, less is better)", result => result.TtftP50, "0.00"),
        ("Time to the first token, 99th percentile (s, less is better)", result => result.TtftP99, "0.0"),
        ("Dollars per million tokens (less is better)", result => result.DollarsPerMillion, "0.000"),
        ("Tokens per second of a stream, median (more is better)", result => result.TokensPerSecond, "0"),
        ("Prefix hits of later turns (more is better)", result => result.PrefixHits, "0.0%"),
        ("Hoster fairness (Jain; 1: every slot is as busy as another)", result => result.Fairness, "0.00"),
    ];

    public static string Draw(IReadOnlyList<SimulationResult> results)
    {
        var picture = new BarPicture();
        foreach (var panel in Panels)
        {
            picture.Add(panel.Title, panel.Format, [.. results.Select((result, row) => new BarPicture.Bar(result.Strategy, panel.Of(result), IsOurs: row == 0))]);
        }

        return picture.Draw();
    }
}
