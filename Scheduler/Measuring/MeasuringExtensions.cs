using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Measuring;

internal static class MeasuringExtensions
{
    public static void AddMeasuring(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<MeasuringOptions>, MeasuringOptionsValidator>();
        builder.Services.AddOptions<MeasuringOptions>().BindConfiguration(MeasuringOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<Measurements>();
        builder.Services.AddHostedService<ScoreRefresher>();
    }
}
