using System.CommandLine;
using System.Globalization;
using ComputeShare.Billing.Audit;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin audit</c>: what the service does every quarter of an hour, now.</summary>
internal static class AuditCommand
{
    public static Command Create(AdminRun run)
    {
        var command = new Command("audit", "Recomputes every balance from the ledger's entries; ends with code 1 when something differs.");
        run.Does<LedgerAudit>(command, async (audit, arguments, cancellationToken) =>
        {
            var report = await audit.RunAsync(cancellationToken);
            var table = new Table("CHECKED", "WRONG");
            table.Add("sum of all entries, nano-dollars", report.Total.ToString(CultureInfo.InvariantCulture));
            table.Add("transactions that do not sum to zero", report.UnbalancedTransactions.ToString(CultureInfo.InvariantCulture));
            table.Add("balances that are not the sum of their entries", report.WrongBalances.ToString(CultureInfo.InvariantCulture));
            table.Add("held amounts that are not the sum of their holds", report.WrongHelds.ToString(CultureInfo.InvariantCulture));
            await table.WriteAsync(arguments.InvocationConfiguration.Output);
            if (report.Differences > 0)
            {
                throw new AdministrationException($"The ledger does not add up (differences: {report.Differences}).");
            }
        });
        return command;
    }
}
