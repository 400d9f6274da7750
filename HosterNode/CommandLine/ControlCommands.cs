using System.CommandLine;
using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Reporting;

namespace ComputeShare.HosterNode.CommandLine;

/// <summary><c>pause</c>, <c>resume</c> and <c>drain</c>: what the owner tells the running node.</summary>
internal static class ControlCommands
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    public static Command Pause() => Create(
        "pause", "Takes no new work until it is resumed; what runs goes on.", ControlApi.Paths.Pause,
        status => $"Paused. {Running(status)}");

    public static Command Resume() => Create(
        "resume", "Takes work again, within its schedule.", ControlApi.Paths.Resume,
        status => status.State == NodeStateName.OutsideSchedule ? $"Not paused any more; the schedule ({status.Schedule}) begins later." : "Takes work again.");

    public static Command Drain()
    {
        var folder = FolderOption.Create();
        var command = new Command("drain", "Takes no new work, waits for what runs, and ends the node.") { folder };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var node = new ControlClient(arguments.Folder(folder));
            var status = await node.TellAsync(ControlApi.Paths.Drain, cancellationToken) ?? throw NotThere(arguments.Folder(folder));
            await arguments.InvocationConfiguration.Output.WriteLineAsync($"Takes no new work. {Running(status)}");
            while (await node.StatusAsync(cancellationToken) is not null)
            {
                await Task.Delay(LookAgain, TimeProvider.System, cancellationToken);
            }

            await arguments.InvocationConfiguration.Output.WriteLineAsync("The node has ended.");
            return NodeCommandLine.Done;
        });
        return command;
    }

    public static ControlException NotThere(OwnerFolder folder) => new($"No node runs with the folder {folder.Path}.");

    private static Command Create(string name, string description, string path, Func<NodeStatus, string> sentence)
    {
        var folder = FolderOption.Create();
        var command = new Command(name, description) { folder };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var node = new ControlClient(arguments.Folder(folder));
            var status = await node.TellAsync(path, cancellationToken) ?? throw NotThere(arguments.Folder(folder));
            await arguments.InvocationConfiguration.Output.WriteLineAsync(sentence(status));
            return NodeCommandLine.Done;
        });
        return command;
    }

    private static string Running(NodeStatus status) => status.Traffic.Running switch
    {
        0 => "Nothing runs.",
        1 => "One request runs on.",
        var running => $"{running} requests run on.",
    };
}
