using System.CommandLine;
using System.CommandLine.Invocation;
using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Joining;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.CommandLine;

/// <summary>What the program can be told: nothing or settings (it serves as it is configured), or a verb of its owner's.</summary>
internal static class NodeCommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    private const int Misused = 2;

    private static readonly string[] Questions = ["--help", "-h", "-?", "--version"];

    // A key or a path that begins with @ is no file of arguments.
    private static readonly ParserConfiguration Plain = new() { ResponseFileTokenReplacer = null };

    public static Task<int> RunAsync(string[] arguments) =>
        // The web host hears the signals itself, and lets what runs end first.
        RunAsync(arguments, new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });

    internal static async Task<int> RunAsync(string[] arguments, InvocationConfiguration invocation)
    {
        try
        {
            return IsServing(arguments) ? await ServeCommand.RunAsync(arguments) : await ParseAndRunAsync(arguments, invocation);
        }
        catch (Exception error) when (error is JoinException or ControlException or OptionsValidationException)
        {
            await invocation.Error.WriteLineAsync($"HosterNode: {error.Message}");
            return Failed;
        }
    }

    private static async Task<int> ParseAndRunAsync(string[] arguments, InvocationConfiguration invocation)
    {
        var parsed = Create().Parse(arguments, Plain);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
            {
                await invocation.Error.WriteLineAsync($"HosterNode: {error.Message}");
            }

            await invocation.Error.WriteLineAsync("--help behind a command says how it is used.");
            return Misused;
        }

        return await parsed.InvokeAsync(invocation);
    }

    internal static RootCommand Create() => new("A node of ComputeShare: earns with the inference engine beside it. Without a command it serves as it is configured.")
    {
        JoinCommand.Create(),
        StatusCommand.Create(),
        ControlCommands.Pause(),
        ControlCommands.Resume(),
        ControlCommands.Drain(),
        ScheduleCommand.Create(),
        UnitCommand.Create(),
        ServeCommand.Create(),
    };

    // Settings come as --Node:Id=…, which no verb has.
    private static bool IsServing(string[] arguments) =>
        arguments.Length == 0 || (arguments[0].StartsWith('-') && !Questions.Contains(arguments[0]));
}
