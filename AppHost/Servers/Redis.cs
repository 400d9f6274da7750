using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.AppHost.Servers;

/// <summary>Redis on a port and with a password of this run; it keeps nothing, since what is in it may be lost (DESIGN.md §3).</summary>
internal static class Redis
{
    private const string Name = "redis";
    private const string ServerName = "redis-server";
    private const int ContainerPort = 6379;

    public static IResourceBuilder<IResourceWithConnectionString> AddRedis(this IDistributedApplicationBuilder builder, ServerMode mode, LocalData data)
    {
        if (mode == ServerMode.External)
        {
            return builder.AddExternal(Name);
        }

        var secret = LocalData.NewSecret();
        var password = builder.AddParameter($"{Name}-password", secret, secret: true);
        return mode == ServerMode.Container
            ? builder.WithConnection(builder.AddRedisContainer(password), secret, password)
            : builder.WithConnection(builder.AddRedisExecutable(data, secret), secret, password);
    }

    private static IResourceBuilder<ContainerResource> AddRedisContainer(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ParameterResource> password) =>
        builder.AddContainer(ServerName, Name, "7.4-alpine")
            .WithEndpoint(targetPort: ContainerPort, scheme: "tcp", name: "tcp")
            .WithArgs("redis-server", "--save", "", "--appendonly", "no", "--requirepass", password.Resource);

    private static IResourceBuilder<ExecutableResource> AddRedisExecutable(this IDistributedApplicationBuilder builder, LocalData data, string secret)
    {
        var folder = data.Folder(Name);
        // In a file, because an argument could be read by every user of the machine.
        data.Write($"{Name}/redis.conf", $"""
            bind 127.0.0.1
            requirepass {secret}
            dir "{folder}"
            save ""
            appendonly no
            loglevel warning
            """);
        var server = builder.AddExecutable(ServerName, "redis-server", folder, Path.Combine(folder, "redis.conf"))
            .WithEndpoint(scheme: "tcp", name: "tcp");
        return server.WithArgs("--port", server.GetEndpoint("tcp").Property(EndpointProperty.TargetPort));
    }

    private static IResourceBuilder<ConnectionStringResource> WithConnection<T>(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<T> server,
        string secret,
        IResourceBuilder<ParameterResource> password)
        where T : class, IResourceWithEndpoints, IResourceWithWaitSupport
    {
        var endpoint = server.GetEndpoint("tcp");
        builder.Services.AddHealthChecks().AddCheck(ServerName, new RedisHealthCheck(endpoint, secret));
        server.WithHealthCheck(ServerName);
        var address = endpoint.Property(EndpointProperty.HostAndPort);
        return builder.AddConnectionString(Name, ReferenceExpression.Create($"{address},password={password}")).WaitFor(server);
    }
}
