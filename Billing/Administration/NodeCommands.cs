using System.CommandLine;
using System.Globalization;
using ComputeShare.Billing.Counting;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin node counts | forgive</c>.</summary>
internal static class NodeCommands
{
    private const double Million = 1_000_000;

    public static Command Create(AdminRun run) => new("node", "How nodes count.") { Counts(run), Forgive(run) };

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

    private static Command Forgive(AdminRun run)
    {
        var node = new Argument<string>("NODE") { Description = "Its id." };
        var command = new Command("forgive", "Lets a node that was found too often get work again, within a minute; its counts go on being compared.") { node };
        run.Does<CountRegister>(command, (counts, arguments, cancellationToken) =>
            counts.ForgiveAsync(arguments.GetRequiredValue(node), cancellationToken));
        return command;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Ratio(double reported, double counted) =>
        counted == 0 ? "-" : (reported / counted).ToString("0.0000", CultureInfo.InvariantCulture);
}
