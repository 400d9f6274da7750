using System.Globalization;
using System.Text.Json.Nodes;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>All of a run, as the page and the last line tell it.</summary>
internal sealed class GatewayFigures
{
    public WorkloadFigures Whole { get; set; } = null!;

    public WorkloadFigures Stream32 { get; set; } = null!;

    public WorkloadFigures Stream256 { get; set; } = null!;

    public double BytesPerStream { get; set; }

    public JsonObject ToJson() => new()
    {
        ["cpu_request_vs_yarp"] = Math.Round(Whole.VersusYarp, 2),
        ["cpu_token_vs_yarp_32"] = Math.Round(Stream32.VersusYarp, 2),
        ["cpu_token_vs_yarp_256"] = Math.Round(Stream256.VersusYarp, 2),
        ["ttft_added_ms_p50"] = Math.Round(Stream32.FirstAdded(0.5), 2),
        ["ttft_added_ms_p99"] = Math.Round(Stream32.FirstAdded(0.99), 2),
        ["hoster_cpu_token_vs_yarp"] = Math.Round(Stream32.NodeVersusYarp, 2),
        ["backend_cpu_us_per_request"] = Math.Round(Whole.BackendPerRequest, 1),
        ["kb_per_open_stream"] = Math.Round(BytesPerStream / 1024, 1),
        ["cpu_two_gateways_vs_one"] = Math.Round(Whole.TwoVersusOne, 2),
        ["cpu_request_vs_tuned_yarp"] = Math.Round(Whole.VersusTuned, 2),
        ["cpu_request_vs_yarp_as_rarely"] = Math.Round(Whole.VersusYarpAsRarely, 2),
        ["cpu_two_rare_yarps_vs_one"] = Math.Round(Whole.HalfVersusRareYarp, 2),
        ["cpu_token_vs_tuned_yarp_32"] = Math.Round(Stream32.VersusTuned, 2),
        ["cpu_token_vs_tuned_yarp_256"] = Math.Round(Stream256.VersusTuned, 2),
        ["hoster_cpu_token_vs_tuned_yarp"] = Math.Round(Stream32.NodeVersusTuned, 2),
    };

    public IEnumerable<string> Report()
    {
        yield return "| workload | YARP | YARP, tuned | gateway | ratio | to the tuned one | HosterNode | Scheduler + Billing | per second: YARP, gateway | load generator's core: YARP, gateway |";
        yield return "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";
        foreach (var figures in new[] { Whole, Stream32, Stream256 })
        {
            yield return Text(
                $"| {figures.Workload.Name}, µs per {figures.Workload.Unit} | {Of(figures.Yarp, cost => cost.Gateway):0.0} | {Of(figures.Tuned, cost => cost.Gateway):0.0} | {Of(figures.One, cost => cost.Gateway):0.0} | {figures.VersusYarp:0.00} | {figures.VersusTuned:0.00} | {Of(figures.One, cost => cost.Node):0.0} | {Of(figures.One, cost => cost.Backend):0.0} | {Of(figures.Yarp, cost => cost.PerSecond):N0}, {Of(figures.One, cost => cost.PerSecond):N0} | {Of(figures.Yarp, cost => cost.LoadShare):P0}, {Of(figures.One, cost => cost.LoadShare):P0} |");
        }

        yield return "";
        yield return Text(
            $"First token of 32 streams, p50 and p99: engine {WorkloadFigures.Percentile(Stream32.DirectFirst, 0.5):0.00} and {WorkloadFigures.Percentile(Stream32.DirectFirst, 0.99):0.00} ms,");
        yield return Text(
            $"through YARP {WorkloadFigures.Percentile(Stream32.YarpFirst, 0.5):0.00} and {WorkloadFigures.Percentile(Stream32.YarpFirst, 0.99):0.00} ms, through the product {WorkloadFigures.Percentile(Stream32.OneFirst, 0.5):0.00} and {WorkloadFigures.Percentile(Stream32.OneFirst, 0.99):0.00} ms.");
        yield return Text($"An open stream keeps {BytesPerStream / 1024:0.0} KB in the gateway. Two gateways that share the load cost {Whole.TwoVersusOne:0.00} times what one costs per request.");
        yield return Text(
            $"YARP, asked for whole answers as rarely as the gateway answers them ({Of(Whole.YarpRare, cost => cost.PerSecond):N0} times a second), costs {Of(Whole.YarpRare, cost => cost.Gateway):0.0} µs per request, and the gateway {Whole.VersusYarpAsRarely:0.00} times that.");
        yield return Text(
            $"Asked half as often, as each of two is that share the load, YARP costs {Of(Whole.YarpHalf, cost => cost.Gateway):0.0} µs, {Whole.HalfVersusRareYarp:0.00} times as much.");
        yield return Text(
            $"Asked {string.Join(", ", Whole.YarpByRate.Select(rate => Text($"{Of(rate.Costs, cost => cost.PerSecond):N0}")))} times a second it costs {string.Join(", ", Whole.YarpByRate.Select(rate => Text($"{Of(rate.Costs, cost => cost.Gateway):0.0}")))} µs.");
    }

    public string Draw()
    {
        var picture = new BarPicture();
        foreach (var figures in new[] { Whole, Stream32, Stream256 })
        {
            picture.Add(
                $"{figures.Workload.Name}: processor time, µs per {figures.Workload.Unit}",
                "0.0",
                new BarPicture.Bar("YARP", Of(figures.Yarp, cost => cost.Gateway), IsOurs: false),
                new BarPicture.Bar("YARP, tuned", Of(figures.Tuned, cost => cost.Gateway), IsOurs: false),
                new BarPicture.Bar("gateway", Of(figures.One, cost => cost.Gateway), IsOurs: true),
                new BarPicture.Bar("HosterNode", Of(figures.One, cost => cost.Node), IsOurs: true),
                new BarPicture.Bar("Scheduler + Billing", Of(figures.One, cost => cost.Backend), IsOurs: true));
        }

        picture.Add(
            "32 streams: time to the first token, median, ms",
            "0.00",
            new BarPicture.Bar("engine itself", WorkloadFigures.Percentile(Stream32.DirectFirst, 0.5), IsOurs: false),
            new BarPicture.Bar("YARP", WorkloadFigures.Percentile(Stream32.YarpFirst, 0.5), IsOurs: false),
            new BarPicture.Bar("ComputeShare", WorkloadFigures.Percentile(Stream32.OneFirst, 0.5), IsOurs: true));
        return picture.Draw();
    }

    private static double Of(List<Cost> costs, Func<Cost, double> of) => Median.Of(costs.Select(of));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
