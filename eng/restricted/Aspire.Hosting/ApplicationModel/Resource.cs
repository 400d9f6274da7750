using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One part of the application. What Aspire keeps as annotations stands here in plain lists.</summary>
public abstract class Resource(string name) : IResource
{
    public virtual string Name { get; } = name;

    /// <summary>Values are strings or <see cref="IValueProvider"/>s.</summary>
    internal List<KeyValuePair<string, object>> Environment { get; } = [];

    /// <summary>Values are strings or <see cref="IValueProvider"/>s.</summary>
    internal List<object> Arguments { get; } = [];

    internal List<EndpointAnnotation> Endpoints { get; } = [];

    internal List<Dependency> Dependencies { get; } = [];

    internal List<string> HealthChecks { get; } = [];

    internal List<Func<IServiceProvider, CancellationToken, Task>> WhenReady { get; } = [];

    internal Progress Progress { get; } = new();
}

/// <param name="Resource">What is waited for.</param>
/// <param name="ExitCode">The code with which it must have ended; null when it must be ready.</param>
internal sealed record Dependency(Resource Resource, int? ExitCode);

public class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    public string Command { get; } = command;

    public string WorkingDirectory { get; } = workingDirectory;
}

public class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    internal IBuiltProject? Project { get; init; }
}

public class ContainerResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    internal string Image { get; init; } = "";

    internal List<(string Name, string Target)> Volumes { get; } = [];
}

public class ParameterResource : Resource, IValueProvider
{
    private readonly string _value;

    internal ParameterResource(string name, string value)
        : base(name) => _value = value;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value);
}
