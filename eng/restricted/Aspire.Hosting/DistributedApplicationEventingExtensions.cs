using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class DistributedApplicationEventingExtensions
{
    public static IResourceBuilder<T> OnResourceReady<T>(
        this IResourceBuilder<T> builder,
        Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        builder.Model().WhenReady.Add((services, cancellationToken) =>
            callback(builder.Resource, new ResourceReadyEvent(builder.Resource, services), cancellationToken));
        return builder;
    }
}
