using System.CommandLine;
using System.Globalization;
using ComputeShare.Billing.Counting;
using ComputeShare.Billing.Probing;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin node counts | probes | forgive</c>.</summary>
internal static class NodeCommands
{
    private const double Million = 1_000_000;

    public static Command Create(AdminRun run) => new("node", "How honest nodes are.") { Counts(run), Probes(run), Forgive(run) };

    private static Command Counts(AdminRun run)
    {
        var command = new Command("counts", "Lists how nodes' own token counts compare with the gateways'; those found too high first.");
        run.Does<CountRegister>(command, async (counts, arguments, cancellationToken) =>
        {
            var table = new Table("NODE", "MODEL", "ANSWERS", "COUNTED", "REPORTED", "RATIO", "PROMPTS", "LAST VERDICT", "FOUND", "IN A ROW", "BARRED SINCE");
            foreach (var row in await counts.ListAsync(cancellationToken))
            {
                table.Add(
                    row.NodeId,
                    row.ModelId,
                    Number(row.Answers),
                    Number(row.Counted),
                    Number(row.Reported),
                    Ratio(row.Reported, row.Counted),
                    Ratio(row.ReportedPrompt, row.CountedPrompt),
                    row.LastPerMillion == 0 ? "-" : Ratio(row.LastPerMillion, Million),
                    Number(row.Found),
                    Number(row.FoundInRow),
                    row.Barred?.ToString("u", CultureInfo.InvariantCulture) ?? "-");
            }

            await table.WriteAsync(arguments.InvocationConfiguration.Output);
        });
        return command;
    }

    private static Command Probes(AdminRun run)
    {
        var command = new Command("probes", "Lists what probes showed of nodes, and why; those that they were against first.");
        run.Does<ProbeRegister>(command, async (probes, arguments, cancellationToken) =>
        {
            var table = new Table("NODE", "MODEL", "PROBES", "COMPARED", "AGAINST", "LAST VERDICT", "FOR", "FOUND", "IN A ROW", "BARRED SINCE");
            foreach (var row in await probes.ListAsync(cancellationToken))
            {
                table.Add(
                    row.NodeId,
                    row.ModelId,
                    Number(row.Probes),
                    Number(row.Compared),
                    Number(row.Suspicious),
                    row.LastPercent is { } percent ? $"{Number(percent)} %" : "-",
                    row.LastReasons.Length > 0 ? string.Join(',', row.LastReasons) : "-",
                    Number(row.Found),
                    Number(row.FoundInRow),
                    row.Barred?.ToString("u", CultureInfo.InvariantCulture) ?? "-");
            }

            await table.WriteAsync(arguments.InvocationConfiguration.Output);
        });
        return command;
    }

    private static Command Forgive(AdminRun run)
    {
        var node = new Argument<string>("NODE") { Description = "Its id." };
        var command = new Command("forgive", "Lets a node that was found too often get work again, within a minute; it goes on being counted and probed.") { node };
        run.Does<NodeDesk>(command, (desk, arguments, cancellationToken) =>
            desk.ForgiveAsync(arguments.GetRequiredValue(node), cancellationToken));
        return command;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Ratio(double reported, double counted) =>
        counted == 0 ? "-" : (reported / counted).ToString("0.0000", CultureInfo.InvariantCulture);
}
