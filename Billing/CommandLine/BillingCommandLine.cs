using System.CommandLine;
using System.CommandLine.Invocation;
using ComputeShare.Billing.Administration;

namespace ComputeShare.Billing.CommandLine;

/// <summary>What the program can be told: nothing (it serves), <c>migrate</c>, <c>admin</c>.</summary>
internal static class BillingCommandLine
{
    private const int Misused = 2;

    // A reference that begins with @ is a reference, not a file of arguments.
    private static readonly ParserConfiguration Plain = new() { ResponseFileTokenReplacer = null };

    public static Task<int> RunAsync(string[] arguments) =>
        // The web host hears the signals itself, and lets commands in flight end first.
        RunAsync(arguments, AdminCommand.Create(), new InvocationConfiguration { ProcessTerminationTimeout = null });

    internal static async Task<int> RunAsync(string[] arguments, Command admin, InvocationConfiguration invocation)
    {
        var billing = new RootCommand("ComputeShare's money: holds, settlements, keys and prices. Without a command it serves.")
        {
            MigrateCommand.Create(),
            admin,
        };
        billing.SetAction(ServeCommand.RunAsync);
        var parsed = billing.Parse(arguments, Plain);
        if (parsed.Action is not ParseErrorAction)
        {
            return await parsed.InvokeAsync(invocation);
        }

        foreach (var error in parsed.Errors)
        {
            await invocation.Error.WriteLineAsync($"Billing: {error.Message}");
        }

        await invocation.Error.WriteLineAsync("--help behind a command says how it is used.");
        return Misused;
    }
}
