using System.Globalization;
using System.Text;

namespace ComputeShare.Benchmarks.Simulation;

/// <summary>The results as a picture: a row of bars per figure, the strategies one below the other.</summary>
internal static class SimulationPicture
{
    private const int Width = 860;
    private const int Left = 130;
    private const int Bars = 560;
    private const int RowHeight = 22;
    private const int PanelGap = 40;

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
        var panelHeight = (results.Count * RowHeight) + PanelGap;
        var svg = new StringBuilder();
        Append(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{(Panels.Length * panelHeight) + 10}\" font-family=\"sans-serif\" font-size=\"13\">\n");
        Append(svg, $"<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        foreach (var (index, panel) in Panels.Index())
        {
            var top = (index * panelHeight) + 26;
            var most = results.Max(panel.Of);
            Append(svg, $"<text x=\"{Left}\" y=\"{top}\" font-weight=\"bold\">{panel.Title}</text>\n");
            foreach (var (row, result) in results.Index())
            {
                var y = top + 8 + (row * RowHeight);
                var length = most > 0 ? panel.Of(result) / most * Bars : 0;
                var color = row == 0 ? "#2563eb" : "#9ca3af";
                Append(svg, $"<text x=\"{Left - 8}\" y=\"{y + 14}\" text-anchor=\"end\">{result.Strategy}</text>");
                Append(svg, $"<rect x=\"{Left}\" y=\"{y + 2}\" width=\"{length:0.#}\" height=\"{RowHeight - 6}\" fill=\"{color}\"/>");
                Append(svg, $"<text x=\"{Left + length + 6:0.#}\" y=\"{y + 14}\">{panel.Of(result).ToString(panel.Format, CultureInfo.InvariantCulture)}</text>\n");
            }
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Append(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));
}
