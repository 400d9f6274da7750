namespace ComputeShare.Scheduler.Sharing;

internal static class SharingExtensions
{
    public static void AddSharing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Observations>();
        builder.Services.AddHostedService<ObservationSharer>();
    }
}
