namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource runs, and its health checks have succeeded for the first time.</summary>
public class ResourceReadyEvent(IResource resource, IServiceProvider services)
{
    public IResource Resource { get; } = resource;

    public IServiceProvider Services { get; } = services;
}
