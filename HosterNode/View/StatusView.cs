using System.Globalization;
using ComputeShare.HosterNode.Reporting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ComputeShare.HosterNode.View;

/// <summary>A node's status as the terminal shows it while the node runs.</summary>
internal static class StatusView
{
    public static IRenderable Of(NodeStatus status, IReadOnlyList<LogLine> log) => new Rows(Head(status), Figures(status), Log(log));

    private static Panel Head(NodeStatus status)
    {
        var colour = status.State == NodeStateName.Serving ? "green" : "yellow";
        var state = $"[{colour}]{Markup.Escape(StatusText.State(status))}[/]";
        return new Panel(new Markup($"{state}, at {Escape(status.Gateways.Count == 0 ? "no gateway" : string.Join(", ", status.Gateways))}"))
            .Header(Escape(status.Id)).Expand();
    }

    private static Table Figures(NodeStatus status)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn("");
        Row("Requests", StatusText.Requests(status.Traffic));
        Row("Tokens", StatusText.Tokens(status.Traffic));
        Row("Earnings", StatusText.Earnings(status.Earnings));
        Row("Slots", StatusText.Slots(status.Slots));
        foreach (var gpu in status.Gpus)
        {
            Row("GPU", StatusText.Gpu(gpu));
        }

        foreach (var model in status.Models)
        {
            Row("Model", StatusText.Model(model));
        }

        Row("Schedule", status.Schedule == "off" ? "off" : $"{status.Schedule} ({status.TimeZone})");
        return table;

        void Row(string label, string value) => table.AddRow($"[grey]{label}[/]", Escape(value));
    }

    private static Rows Log(IReadOnlyList<LogLine> lines) => new(
    [
        new Text("Ctrl-C ends the node; pause, resume, drain and schedule are commands of their own.", new Style(Color.Grey)),
        .. lines.Select(line => new Text(
            string.Create(CultureInfo.InvariantCulture, $"{line.At:HH:mm:ss} {line.Message}"),
            new Style(line.Level >= LogLevel.Warning ? Color.Yellow : Color.Grey)).Ellipsis()),
    ]);

    private static string Escape(string text) => Markup.Escape(text);
}
