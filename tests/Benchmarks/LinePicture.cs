using System.Globalization;
using System.Text;

namespace ComputeShare.Benchmarks;

/// <summary>Figures over minutes as an SVG: panels one below the other, each from 0 to its own most, with marks where something happened.</summary>
internal sealed class LinePicture(double minutes, IReadOnlyList<double> marks)
{
    private const int Width = 860;
    private const int Left = 60;
    private const int Plot = 640;
    private const int PanelHeight = 150;
    private const int PanelGap = 50;
    private const int LegendLine = 15;
    private const string Grey = "#d1d5db";

    private static readonly string[] Colors = ["#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#4d7c0f"];

    private readonly List<Panel> _panels = [];

    /// <param name="Name">In the legend; empty: one of many, in grey.</param>
    internal sealed record Line(string Name, IReadOnlyList<(double Minute, double Value)> Points);

    private sealed record Panel(string Title, IReadOnlyList<Line> Lines);

    public void Add(string title, IReadOnlyList<Line> lines) => _panels.Add(new Panel(title, lines));

    public string Draw()
    {
        var svg = new StringBuilder();
        var height = (_panels.Count * (PanelHeight + PanelGap)) + PanelGap;
        Append(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        Append(svg, $"<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        foreach (var (index, panel) in _panels.Index())
        {
            Draw(svg, panel, PanelGap + (index * (PanelHeight + PanelGap)));
        }

        return svg.Append("</svg>\n").ToString();
    }

    private void Draw(StringBuilder svg, Panel panel, int top)
    {
        var bottom = top + PanelHeight;
        var most = panel.Lines.SelectMany(line => line.Points).Select(point => point.Value).DefaultIfEmpty(1).Max();
        Append(svg, $"<text x=\"{Left}\" y=\"{top - 10}\" font-weight=\"bold\">{panel.Title}</text>\n");
        foreach (var mark in marks)
        {
            Append(svg, $"<line x1=\"{X(mark):0.#}\" y1=\"{top}\" x2=\"{X(mark):0.#}\" y2=\"{bottom}\" stroke=\"#fde68a\"/>\n");
        }

        Append(svg, $"<path d=\"M{Left} {top}V{bottom}H{Left + Plot}\" fill=\"none\" stroke=\"black\"/>\n");
        Append(svg, $"<text x=\"{Left - 6}\" y=\"{top + 10}\" text-anchor=\"end\">{most:0.#}</text><text x=\"{Left - 6}\" y=\"{bottom}\" text-anchor=\"end\">0</text>\n");
        Append(svg, $"<text x=\"{Left + Plot}\" y=\"{bottom + 14}\" text-anchor=\"end\">{minutes:0.#} min</text>\n");
        // The nameless below the others.
        foreach (var line in panel.Lines.Where(line => line.Name.Length == 0))
        {
            Draw(line, Grey);
        }

        foreach (var (number, line) in panel.Lines.Where(line => line.Name.Length > 0).Index())
        {
            var color = Colors[number % Colors.Length];
            Draw(line, color);
            Append(svg, $"<text x=\"{Left + Plot + 10}\" y=\"{top + 10 + (number * LegendLine)}\" fill=\"{color}\">{line.Name}</text>\n");
        }

        void Draw(Line line, string color)
        {
            var points = string.Join(' ', line.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.Minute):0.#},{bottom - (point.Value / most * PanelHeight):0.#}")));
            Append(svg, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>\n");
        }
    }

    private double X(double minute) => Left + (minute / minutes * Plot);

    private static void Append(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));
}
