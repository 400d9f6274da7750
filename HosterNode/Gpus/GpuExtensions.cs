using System.Diagnostics.Metrics;
using ComputeShare.HosterNode.Gpus.Amd;
using ComputeShare.HosterNode.Gpus.Nvidia;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Gpus;

internal static class GpuExtensions
{
    public static void AddGpus(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<GpuOptions>, GpuOptionsValidator>();
        builder.Services.AddOptions<GpuOptions>().BindConfiguration(GpuOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IGpuSource>(services => new NvidiaGpus(Nvml.TryLoad(), services.GetRequiredService<ILogger<NvidiaGpus>>()));
        builder.Services.AddSingleton<IGpuSource>(_ => new AmdGpus("/sys"));
        builder.Services.AddSingleton<GpuMonitor>();
        builder.Services.AddHostedService(services =>
        {
            var monitor = services.GetRequiredService<GpuMonitor>();
            GpuMetrics.Observe(monitor, services.GetRequiredService<IMeterFactory>());
            return monitor;
        });
    }
}
