using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeShare.Billing.Persistence;

internal static class DatabaseExtensions
{
    private const string ConnectionName = "billing";

    // A caller waits 5 s for a settlement; a statement that hangs longer would only keep the next group waiting.
    private const int DefaultCommandTimeoutSeconds = 5;
    private const int DefaultConnectTimeoutSeconds = 5;

    // The hot path has about a dozen statements; prepared ones are planned once per connection.
    private const int PreparedStatements = 64;

    // Who is told that money was booked may rely on it, whatever the server's own default is. PostgreSQL takes the reports' statements for expensive, by the tables' many partitions, and compiles them for seconds to run for milliseconds.
    private const string DefaultOptions = "-c jit=off -c synchronous_commit=on";

    /// <summary>PostgreSQL at <c>ConnectionStrings:billing</c>: one pool for plain SQL and for EF Core, and one for the lanes.</summary>
    public static WebApplicationBuilder AddBillingDatabase(this WebApplicationBuilder builder)
    {
        var text = builder.Configuration.GetConnectionString(ConnectionName);
        var connection = Parse(text);

        // EF Core tells every statement at Information; one line a state change is the rule here.
        // What fails there comes out as an exception, which is told once, where it ends; but for the look at a database without a schema,
        // which is no failure.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        foreach (var part in new[] { "Database", "Query", "Update" })
        {
            builder.Logging.AddFilter($"Microsoft.EntityFrameworkCore.{part}", LogLevel.None);
        }

        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(connection));
        builder.Services.AddSingleton(_ => new LaneDatabase(connection));
        builder.Services.AddDbContextFactory<BillingDbContext>((services, options) =>
            options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()));
        return builder;
    }

    public static WebApplicationBuilder AddDatabaseHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddCheck<SchemaHealthCheck>("schema");
        builder.Services.AddHostedService<DatabaseWarmUp>();
        return builder;
    }

    /// <exception cref="DatabaseConfigurationException">The text is none; it is not repeated, for it may hold a password.</exception>
    private static NpgsqlConnectionStringBuilder Parse(string? text)
    {
        try
        {
            var given = new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrEmpty(given.Host) ? throw new DatabaseConfigurationException(ConnectionName) : WithDefaults(given);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidCastException)
        {
            throw new DatabaseConfigurationException(ConnectionName);
        }
    }

    private static NpgsqlConnectionStringBuilder WithDefaults(NpgsqlConnectionStringBuilder given)
    {
        var connection = new NpgsqlConnectionStringBuilder(given.ConnectionString)
        {
            MaxAutoPrepare = PreparedStatements,
            AutoPrepareMinUsages = 2,
        };
        // Npgsql's ContainsKey is true of whatever may be said.
        var said = given.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (!said.Contains("Command Timeout"))
        {
            connection.CommandTimeout = DefaultCommandTimeoutSeconds;
        }

        if (!said.Contains("Options"))
        {
            connection.Options = DefaultOptions;
        }

        if (!said.Contains("Timeout"))
        {
            connection.Timeout = DefaultConnectTimeoutSeconds;
        }

        return connection;
    }
}
