namespace ComputeShare.HosterNode.Watching;

internal static class WatchingExtensions
{
    public static void AddWatching(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<MeasuredSpeeds>();
        builder.Services.AddSingleton<NodeStates>();
        builder.Services.AddSingleton<Watcher>();
    }
}
