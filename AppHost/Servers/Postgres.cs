using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.AppHost.Servers;

/// <summary>PostgreSQL on a port of this run, with data and a password that stay.</summary>
internal static class Postgres
{
    private const string Name = "billing-database";
    private const string ServerName = "postgres";
    private const string Database = "billing";
    private const int ContainerPort = 5432;

    public static IResourceBuilder<IResourceWithConnectionString> AddPostgres(this IDistributedApplicationBuilder builder, ServerMode mode, LocalData data)
    {
        if (mode == ServerMode.External)
        {
            return builder.AddExternal(Name);
        }

        var password = builder.AddParameter($"{ServerName}-password", data.Secret("postgres-password"), secret: true);
        return mode == ServerMode.Container
            ? builder.WithConnection(builder.AddPostgresContainer(data, password), password)
            : builder.WithConnection(builder.AddPostgresExecutable(data, password), password);
    }

    private static IResourceBuilder<ContainerResource> AddPostgresContainer(
        this IDistributedApplicationBuilder builder,
        LocalData data,
        IResourceBuilder<ParameterResource> password) =>
        builder.AddContainer(ServerName, "postgres", "17-alpine")
            .WithEndpoint(targetPort: ContainerPort, scheme: "tcp", name: "tcp")
            .WithVolume($"computeshare-{data.Secret("postgres-volume")[..12]}", "/var/lib/postgresql/data")
            .WithEnvironment("POSTGRES_PASSWORD", password)
            .WithEnvironment("POSTGRES_DB", Database);

    private static IResourceBuilder<ExecutableResource> AddPostgresExecutable(
        this IDistributedApplicationBuilder builder,
        LocalData data,
        IResourceBuilder<ParameterResource> password)
    {
        var server = builder.AddExecutable(ServerName, "../eng/postgres-server", ".", Path.Combine(data.Path, "postgres"))
            .WithEndpoint(scheme: "tcp", name: "tcp");
        return server
            .WithArgs(server.GetEndpoint("tcp").Property(EndpointProperty.TargetPort))
            .WithEnvironment("POSTGRES_PASSWORD", password)
            .WithEnvironment("POSTGRES_DB", Database)
            // To PostgreSQL, TERM means waiting until the last client has left.
            .WithEnvironment("LIFELINE_SIGNAL", "INT");
    }

    private static IResourceBuilder<ConnectionStringResource> WithConnection<T>(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<T> server,
        IResourceBuilder<ParameterResource> password)
        where T : class, IResourceWithEndpoints, IResourceWithWaitSupport
    {
        var endpoint = server.GetEndpoint("tcp");
        var host = endpoint.Property(EndpointProperty.Host);
        var port = endpoint.Property(EndpointProperty.Port);
        var connection = ReferenceExpression.Create($"Host={host};Port={port};Username=postgres;Password={password};Database=");
        builder.Services.AddHealthChecks().AddCheck(ServerName, new PostgresHealthCheck(connection));
        server.WithHealthCheck(ServerName);
        return builder.AddConnectionString(
                Name,
                ReferenceExpression.Create($"Host={host};Port={port};Username=postgres;Password={password};Database={Database}"))
            .WaitFor(server);
    }
}
