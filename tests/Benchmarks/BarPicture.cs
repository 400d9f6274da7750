using System.Globalization;
using System.Text;

namespace ComputeShare.Benchmarks;

/// <summary>Figures side by side as an SVG: panels one below the other, each with bars from 0 to its own most.</summary>
internal sealed class BarPicture
{
    private const int Width = 860;
    private const int Left = 140;
    private const int Plot = 560;
    private const int RowHeight = 22;
    private const int PanelGap = 40;
    private const string Ours = "#2563eb";
    private const string Others = "#9ca3af";

    private readonly StringBuilder _panels = new();
    private int _bottom;

    /// <param name="IsOurs">In colour.</param>
    internal readonly record struct Bar(string Name, double Value, bool IsOurs);

    /// <param name="format">How its figures are written.</param>
    public void Add(string title, string format, params IReadOnlyList<Bar> bars)
    {
        var most = bars.Max(bar => bar.Value);
        var y = _bottom + PanelGap;
        Append(_panels, $"<text x=\"{Left}\" y=\"{y - 8}\" font-weight=\"bold\">{title}</text>\n");
        foreach (var bar in bars)
        {
            var length = most > 0 ? bar.Value / most * Plot : 0;
            Append(_panels, $"<text x=\"{Left - 8}\" y=\"{y + 14}\" text-anchor=\"end\">{bar.Name}</text>");
            Append(_panels, $"<rect x=\"{Left}\" y=\"{y + 2}\" width=\"{length:0.#}\" height=\"{RowHeight - 6}\" fill=\"{(bar.IsOurs ? Ours : Others)}\"/>");
            Append(_panels, $"<text x=\"{Left + length + 6:0.#}\" y=\"{y + 14}\">{bar.Value.ToString(format, CultureInfo.InvariantCulture)}</text>\n");
            y += RowHeight;
        }

        _bottom = y;
    }

    public string Draw()
    {
        var svg = new StringBuilder();
        Append(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{_bottom + 10}\" font-family=\"sans-serif\" font-size=\"13\">\n");
        return svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n").Append(_panels).Append("</svg>\n").ToString();
    }

    private static void Append(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));
}
