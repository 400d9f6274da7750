using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Queueing;

internal static class QueueingExtensions
{
    public static void AddQueueing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<QueueOptions>, QueueOptionsValidator>();
        builder.Services.AddOptions<QueueOptions>().BindConfiguration(QueueOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<CapacitySignal>();
        builder.Services.AddSingleton<WaitingRoom>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WaitingRoom>());
    }
}
