using System.Globalization;
using ComputeShare.AppHost;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A port of a resource. There is no proxy in front of it, so the port that others use is the one it listens on.</summary>
internal sealed class EndpointAnnotation(string name, string scheme, int? port, int? targetPort, string? variable)
{
    private readonly Lazy<int> _port = new(() => port ?? LocalPorts.TakeFree());

    public string Name { get; } = name;

    public string Scheme { get; } = scheme;

    public string? Variable { get; } = variable;

    public int Port => _port.Value;

    /// <summary>Where the process listens: inside a container another port than outside.</summary>
    public int TargetPort => targetPort ?? Port;
}

public sealed class EndpointReference : IValueProvider
{
    private readonly Resource _owner;

    internal EndpointReference(Resource owner, string name)
    {
        _owner = owner;
        EndpointName = name;
    }

    public IResourceWithEndpoints Resource => (IResourceWithEndpoints)_owner;

    public string EndpointName { get; }

    public string Host { get; } = "localhost";

    public int Port => Annotation.Port;

    public string Url => $"{Annotation.Scheme}://{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";

    internal EndpointAnnotation Annotation =>
        _owner.Endpoints.SingleOrDefault(endpoint => endpoint.Name == EndpointName)
        ?? throw new DistributedApplicationException($"The resource {_owner.Name} has no endpoint {EndpointName}.");

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);
}

public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IValueProvider
{
    public EndpointReference Endpoint { get; } = endpointReference;

    public EndpointProperty Property { get; } = property;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Property switch
    {
        EndpointProperty.Host => Endpoint.Host,
        EndpointProperty.Port => Endpoint.Port.ToString(CultureInfo.InvariantCulture),
        EndpointProperty.TargetPort => Endpoint.Annotation.TargetPort.ToString(CultureInfo.InvariantCulture),
        EndpointProperty.HostAndPort => $"{Endpoint.Host}:{Endpoint.Port.ToString(CultureInfo.InvariantCulture)}",
        _ => throw new NotSupportedException($"{Property} of an endpoint is not in the stand-in."),
    });
}

public enum EndpointProperty
{
    Url,
    Host,
    IPV4Host,
    Port,
    Scheme,
    TargetPort,
    HostAndPort,
}
