using System.CommandLine;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin hoster create</c>.</summary>
internal static class HosterCommands
{
    public static Command Create(AdminRun run) => new("hoster", "Who owns nodes.") { CreateHoster(run) };

    private static Command CreateHoster(AdminRun run)
    {
        var name = new Argument<string>("NAME") { Description = "The public name that consumers see." };
        var command = new Command("create", "Opens a hoster's account; prints its key, this once.") { name };
        run.Does<KeyIssuer>(command, async (keys, arguments, cancellationToken) =>
        {
            var issued = await keys.OpenAccountAsync(
                arguments.GetRequiredValue(name), AccountKinds.Hoster, KeyKinds.Hoster, cancellationToken);
            await KeyCommands.HandOverAsync(arguments, issued);
        });
        return command;
    }
}
