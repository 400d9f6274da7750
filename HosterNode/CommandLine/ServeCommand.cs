using System.CommandLine;

namespace ComputeShare.HosterNode.CommandLine;

/// <summary>What the node does without a command: it serves as it is configured until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Serves as it is configured: by the environment (Node__Id=…) or by arguments (--Node:Id=…).")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction((arguments, _) => RunAsync([.. arguments.UnmatchedTokens]));
        return command;
    }

    public static async Task<int> RunAsync(string[] settings)
    {
        await using var app = NodeService.Build(WebApplication.CreateBuilder(settings));
        await app.RunAsync();
        return NodeCommandLine.Done;
    }
}
