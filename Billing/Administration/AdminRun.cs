using System.CommandLine;
using ComputeShare.Billing.Persistence;
using Npgsql;

namespace ComputeShare.Billing.Administration;

/// <summary>Runs one command: its services live as long as it does, and what goes wrong is one sentence on standard error.</summary>
internal sealed class AdminRun(Func<WebApplicationBuilder> configure)
{
    private const int Done = 0;
    private const int Failed = 1;

    public void Does<T>(Command command, Func<T, ParseResult, CancellationToken, Task> act)
        where T : notnull => command.SetAction(async (arguments, cancellationToken) =>
    {
        try
        {
            await using var app = configure().AddAdministration().Build();
            await act(app.Services.GetRequiredService<T>(), arguments, cancellationToken);
            return Done;
        }
        catch (Exception error) when (Sentence(error) is { } sentence)
        {
            await arguments.InvocationConfiguration.Error.WriteLineAsync($"Billing admin: {sentence}");
            return Failed;
        }
    });

    /// <summary>Null: nothing that an operator could do about; the stack trace is then what is wanted.</summary>
    private static string? Sentence(Exception error) => error switch
    {
        AdministrationException or DatabaseConfigurationException => error.Message,
        _ when DatabaseFaults.IsOfTheDatabase(error) => OfTheDatabase(error as NpgsqlException ?? error.InnerException ?? error),
        _ => null,
    };

    private static string OfTheDatabase(Exception error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidCatalogName } =>
            "The database has not the schema of this program: run `Billing -- migrate` first.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            "PostgreSQL refuses the user of ConnectionStrings:billing.",
        PostgresException refused => $"PostgreSQL refuses: {refused.MessageText}.",
        _ => $"PostgreSQL does not answer at ConnectionStrings:billing: {error.Message.TrimEnd('.')}.",
    };
}
