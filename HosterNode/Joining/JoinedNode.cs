using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.View;
using Spectre.Console;

namespace ComputeShare.HosterNode.Joining;

/// <summary>The node as its owner runs it: with the settings of its folder, and the terminal, where there is one, for what it does.</summary>
internal static class JoinedNode
{
    /// <param name="terminal">Null: log lines instead of a view.</param>
    public static async Task RunAsync(NodeSettings settings, OwnerFolder folder, IAnsiConsole? terminal, CancellationToken cancellationToken)
    {
        // Not the working folder: where that is somebody's home, its watch for changes of settings would go through all of it.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder.Create().Path });
        builder.Configuration.AddInMemoryCollection(settings.ToConfiguration()).AddInMemoryCollection(
            new Dictionary<string, string?> { ["Node:Folder"] = folder.Path });
        if (terminal is not null)
        {
            builder.AddTerminalView(terminal);
        }

        await using var app = NodeService.Build(builder);
        await app.RunAsync(cancellationToken);
    }
}
