namespace ComputeShare.Scheduler.Telemetry;

internal static class TelemetryExtensions
{
    public static void AddSchedulerTelemetry(this WebApplicationBuilder builder) => builder.Services.AddSingleton<SchedulerTelemetry>();
}
