using System.Diagnostics;
using ComputeShare.ServiceDefaults.Ports;
using OpenTelemetry;

namespace ComputeShare.ServiceDefaults.Telemetry;

/// <summary>
/// Drops the framework's spans of health probes and of the streams that live as long as their processes (sessions, watches): neither
/// belongs to a request.
/// </summary>
internal sealed class EndlessSpanFilter : BaseProcessor<Activity>
{
    private static readonly string[] Endings = [HealthEndpoints.Alive, HealthEndpoints.Health, "/Session", "/Watch"];

    public override void OnEnd(Activity data)
    {
        var path = data.GetTagItem("url.path") as string ?? data.GetTagItem("url.full") as string;
        if (path is not null && Endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))
        {
            // The exporters behind this processor pass over what is not recorded.
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
