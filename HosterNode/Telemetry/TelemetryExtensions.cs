namespace ComputeShare.HosterNode.Telemetry;

internal static class TelemetryExtensions
{
    public static void AddNodeTelemetry(this WebApplicationBuilder builder) => builder.Services.AddSingleton<HosterNodeTelemetry>();
}
