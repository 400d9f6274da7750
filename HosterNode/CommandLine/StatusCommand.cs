using System.CommandLine;
using System.Text.Json;
using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Reporting;

namespace ComputeShare.HosterNode.CommandLine;

/// <summary><c>status</c>: what the running node says of itself.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "As JSON, for programs." };
        var folder = FolderOption.Create();
        var command = new Command("status", "Shows the running node: state, models, slots, requests, speed, GPUs, earnings.") { json, folder };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var node = new ControlClient(arguments.Folder(folder));
            var status = await node.StatusAsync(cancellationToken) ?? throw ControlCommands.NotThere(arguments.Folder(folder));
            await arguments.InvocationConfiguration.Output.WriteAsync(arguments.GetValue(json)
                ? JsonSerializer.Serialize(status, NodeStatusJsonContext.Default.NodeStatus) + Environment.NewLine
                : StatusText.Of(status));
            return NodeCommandLine.Done;
        });
        return command;
    }
}
