namespace ComputeShare.Billing.Grouping;

internal static class GroupLaneExtensions
{
    /// <summary>A lane of its own for these commands, running from the start of the service to its end.</summary>
    public static void AddLane<TCommand, TWork>(this IServiceCollection services)
        where TWork : class, IGroupWork<TCommand>
    {
        services.AddSingleton<IGroupWork<TCommand>, TWork>();
        services.AddSingleton<GroupLane<TCommand>>();
        services.AddHostedService(provider => provider.GetRequiredService<GroupLane<TCommand>>());
    }
}
