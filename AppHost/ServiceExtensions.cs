using Microsoft.Extensions.Configuration;

namespace ComputeShare.AppHost;

/// <summary>What the services of the topology have in common.</summary>
internal static class ServiceExtensions
{
    private const string GatewayPortKey = "Gateway:Port";
    private const int DefaultGatewayPort = 8080;

    public static IResourceBuilder<ProjectResource> InDevelopment(this IResourceBuilder<ProjectResource> service) =>
        service.WithEnvironment("ASPNETCORE_ENVIRONMENT", "Development");

    public static IResourceBuilder<ProjectResource> WithHealth(this IResourceBuilder<ProjectResource> service) => service
        .WithHttpEndpoint(name: "health", env: "Ports__Health")
        .WithHttpHealthCheck("/health", endpointName: "health");

    /// <summary>The gRPC port; called http, since services find each other as <c>services:NAME:http:0</c>.</summary>
    public static IResourceBuilder<ProjectResource> WithInternalPort(this IResourceBuilder<ProjectResource> service) =>
        service.WithHttpEndpoint(name: "http", env: "Ports__Internal");

    /// <summary>The port wanted for consumers. Default: 8080; another one is taken when it is in use. 0 takes a free one.</summary>
    public static int GatewayPort(this IDistributedApplicationBuilder builder) =>
        builder.Configuration.GetValue<int?>(GatewayPortKey) ?? DefaultGatewayPort;
}
