using System.CommandLine;

namespace ComputeShare.HosterNode.CommandLine;

/// <summary><c>unit</c>: the systemd unit that is shipped, on standard output.</summary>
internal static class UnitCommand
{
    private const string Resource = "computeshare-node.service";

    public static string Text
    {
        get
        {
            using var unit = typeof(UnitCommand).Assembly.GetManifestResourceStream(Resource)!;
            using var reader = new StreamReader(unit);
            return reader.ReadToEnd();
        }
    }

    public static Command Create()
    {
        var command = new Command("unit", "Prints a unit for systemd; docs/hosting.md has the line that installs it.");
        command.SetAction((arguments, _) => arguments.InvocationConfiguration.Output.WriteAsync(Text));
        return command;
    }
}
