using System.CommandLine;
using ComputeShare.HosterNode.Control;

namespace ComputeShare.HosterNode.CommandLine;

/// <summary><c>schedule "22:00-08:00"</c>, <c>schedule off</c>, or without an argument: what it is.</summary>
internal static class ScheduleCommand
{
    public static Command Create()
    {
        var windows = new Argument<string?>("WINDOWS")
        {
            Description = "Hours in which the node is offered, by this machine's clock: 22:00-08:00, several with commas between them; off: always.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var folder = FolderOption.Create();
        var command = new Command("schedule", "Sets when the node is offered, and keeps it; without an argument: shows it.") { windows, folder };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var (output, place) = (arguments.InvocationConfiguration.Output, arguments.Folder(folder));
            if (arguments.GetValue(windows) is not { } wish)
            {
                await output.WriteLineAsync(NodeControl.ReadSchedule(place).ToString());
                return NodeCommandLine.Done;
            }

            var schedule = Schedule.TryParse(wish) ?? throw new ControlException($"WINDOWS must be {Schedule.Shape}.");
            using var node = new ControlClient(place);
            if (await node.SetScheduleAsync(schedule.ToString(), cancellationToken) is { } status)
            {
                await output.WriteLineAsync($"Schedule: {status.Schedule} ({status.TimeZone}); the node is {status.State}.");
                return NodeCommandLine.Done;
            }

            NodeControl.Keep(place.Create(), schedule);
            await output.WriteLineAsync($"Schedule: {schedule}, from the node's next start on.");
            return NodeCommandLine.Done;
        });
        return command;
    }
}
