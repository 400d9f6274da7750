using System.CommandLine;
using ComputeShare.Billing.Setup;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.CommandLine;

/// <summary><c>Billing migrate</c>: a step of its own that every serving process waits for.</summary>
internal static class MigrateCommand
{
    private const int Failed = 1;

    public static Command Create()
    {
        var command = new Command(
            "migrate",
            "Waits for PostgreSQL, brings its schema up to date and seeds the catalogue; in Development the demo account too.");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = WebApplication.CreateBuilder().AddDatabaseSetup().Build();
            await app.Services.GetRequiredService<DatabaseSetup>().RunAsync(cancellationToken);
            return 0;
        }
        catch (Exception error) when (error is SetupException or InvalidOperationException or OptionsValidationException)
        {
            await arguments.InvocationConfiguration.Error.WriteLineAsync($"Billing migrate: {error.Message}");
            return Failed;
        }
    }
}
