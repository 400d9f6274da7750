using System.Globalization;
using System.Text;

namespace ComputeShare.HosterNode.Reporting;

/// <summary>A node's status as lines of text, the same for people and for <c>grep</c>.</summary>
internal static class StatusText
{
    private const int LabelWidth = 10;

    public static string Of(NodeStatus status)
    {
        var text = new StringBuilder();
        Line("node", status.Id);
        Line("state", State(status));
        Line("gateways", status.Gateways.Count == 0 ? "none" : string.Join(", ", status.Gateways));
        Line("engine", status.Engine.Length == 0 ? "away" : $"{status.Engine} {status.EngineVersion}".TrimEnd());
        foreach (var model in status.Models)
        {
            Line("model", Model(model));
        }

        Line("slots", Slots(status.Slots));
        Line("requests", Requests(status.Traffic));
        Line("tokens", Tokens(status.Traffic));
        foreach (var gpu in status.Gpus)
        {
            Line("gpu", Gpu(gpu));
        }

        Line("earnings", Earnings(status.Earnings));
        Line("schedule", status.Schedule == "off" ? "off" : $"{status.Schedule} ({status.TimeZone})");
        return text.ToString();

        void Line(string label, string value) => text.Append(label.PadRight(LabelWidth)).Append(value).Append('\n');
    }

    public static string State(NodeStatus status) => status.State switch
    {
        NodeStateName.Serving => "serving",
        NodeStateName.Paused => "paused: takes no new work until it is resumed",
        NodeStateName.OutsideSchedule => $"outside of its schedule, {status.Schedule}",
        NodeStateName.Draining => "draining: ends with what runs",
        NodeStateName.EngineAway => "the engine does not answer",
        NodeStateName.NotJoined => "no gateway has let it in yet",
        NodeStateName.OwnerFirst => "gives way to your own work",
        _ => status.State,
    };

    public static string Model(ModelStatus model) => Invariant(
        $"{model.Name}, context {model.ContextLength:N0}, ${model.Input:0.00######} in, ${model.CachedInput:0.00######} cached, ${model.Output:0.00######} out per million")
        + (model.TokensPerSecond > 0 ? Invariant($", first token {model.TtftMs:0} ms, {model.TokensPerSecond:0.#} tokens/s") : "");

    public static string Slots(SlotStatus slots) => Invariant($"{slots.Taken} of {slots.Offered} taken")
        + (slots.Offered < slots.Total ? Invariant($", {slots.Total} in all") : "")
        + (slots.Local > 0 ? Invariant($", {slots.Local} local") : "");

    public static string Requests(TrafficStatus traffic) => Invariant($"{traffic.Running} running, {traffic.Finished} finished, {traffic.Failed} failed");

    public static string Tokens(TrafficStatus traffic) =>
        Invariant($"{traffic.Tokens} in {TimeSpan.FromSeconds((long)traffic.UptimeSeconds):c}, {traffic.TokensPerSecond:0.#}/s now");

    public static string Gpu(GpuStatus gpu) => Invariant($"{gpu.Name}, {gpu.MemoryUsedBytes >> 20} of {gpu.MemoryBytes >> 20} MiB")
        + (gpu.Utilization is { } busy ? Invariant($", {busy} %") : "")
        + (gpu.TemperatureCelsius is { } heat ? Invariant($", {heat} °C") : "")
        + (gpu.PowerWatts is { } power ? Invariant($", {power:0} W") : "")
        + (gpu.ComputeCapability.Length > 0 ? $", compute {gpu.ComputeCapability}" : "")
        + (gpu.Driver.Length > 0 ? $", driver {gpu.Driver}" : "");

    public static string Earnings(EarningStatus? earnings) => earnings is null ? "not known" : $"${earnings.Today} today, ${earnings.Recent} in 30 days, all your nodes together";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
