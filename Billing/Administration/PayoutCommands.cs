using System.CommandLine;
using ComputeShare.Billing.Payouts;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin payouts propose | approve | list | statement | mark-paid | mark-failed | mark-returned</c>.</summary>
internal static class PayoutCommands
{
    private static readonly Money DefaultLeast = Money.FromDollars(10);

    public static Command Create(AdminRun run) => new("payouts", "Cleared earnings on their way to hosters.")
    {
        Propose(run),
        Approve(run),
        List(run),
        Statement(run),
        Mark(run, "mark-paid", PayoutStates.Paid, "--reference", "The payout has left; what the bank calls it."),
        Mark(run, "mark-failed", PayoutStates.Failed, "--reason", "It did not leave, or shall not: the money is cleared again."),
        Mark(run, "mark-returned", PayoutStates.Returned, "--reason", "It came back: the money is cleared again."),
    };

    private static Command Propose(AdminRun run)
    {
        var least = new Option<Money>("--minimum")
        {
            Description = "Dollars; who has less waits. Default: 10.",
            HelpName = "AMOUNT",
            CustomParser = CreditCommand.Dollars,
            DefaultValueFactory = _ => DefaultLeast,
        };
        var command = new Command("propose", "Proposes a payout of everything cleared to each hoster without one on its way; prints the batch.") { least };
        run.Does<PayoutDesk>(command, async (desk, arguments, cancellationToken) =>
        {
            var (batch, payouts) = await desk.ProposeAsync(arguments.GetValue(least), cancellationToken);
            await arguments.InvocationConfiguration.Error.WriteLineAsync($"{payouts} payouts are proposed.");
            if (payouts > 0)
            {
                await arguments.InvocationConfiguration.Output.WriteLineAsync(batch);
            }
        });
        return command;
    }

    private static Command Approve(AdminRun run)
    {
        var which = Which("BATCH", "A batch, or one payout.");
        var command = new Command("approve", "Approves payouts: the money is set aside.") { which };
        run.Does<PayoutDesk>(command, async (desk, arguments, cancellationToken) =>
        {
            var (approved, refused) = await desk.ApproveAsync(arguments.GetRequiredValue(which), cancellationToken);
            foreach (var sentence in refused)
            {
                await arguments.InvocationConfiguration.Error.WriteLineAsync(sentence);
            }

            await arguments.InvocationConfiguration.Output.WriteLineAsync($"{approved} payouts are approved.");
        });
        return command;
    }

    private static Command List(AdminRun run)
    {
        var state = new Option<string?>("--state") { Description = "Only these. Default: all." };
        state.AcceptOnlyFromAmong(PayoutStates.All);
        var command = new Command("list", "Lists payouts, in dollars.") { state };
        run.Does<PayoutDesk>(command, async (desk, arguments, cancellationToken) =>
        {
            var table = new Table("ID", "BATCH", "HOSTER", "AMOUNT", "STATE", "CREATED", "ENDED", "NOTE");
            foreach (var payout in await desk.ListAsync(arguments.GetValue(state), cancellationToken))
            {
                table.Add(
                    payout.Id.ToString("N"),
                    payout.Batch,
                    payout.Hoster!.Name,
                    new Money(payout.Amount).ToString(),
                    payout.State,
                    PayoutDesk.Time(payout.Created),
                    PayoutDesk.Time(payout.Ended),
                    payout.Reason.Length > 0 ? payout.Reason : payout.Reference);
            }

            await table.WriteAsync(arguments.InvocationConfiguration.Output);
        });
        return command;
    }

    private static Command Statement(AdminRun run)
    {
        var payout = Which("PAYOUT", "One payout.");
        var command = new Command("statement", "What a payout is made of, as CSV.") { payout };
        run.Does<PayoutDesk>(command, async (desk, arguments, cancellationToken) =>
            await arguments.InvocationConfiguration.Output.WriteLineAsync(
                await desk.StatementAsync(arguments.GetRequiredValue(payout), cancellationToken)));
        return command;
    }

    private static Command Mark(AdminRun run, string name, string state, string noteName, string description)
    {
        var payout = Which("PAYOUT", "One payout.");
        var note = new Option<string>(noteName) { Description = "Stands in the ledger.", HelpName = "TEXT", Required = true };
        var command = new Command(name, description) { payout, note };
        run.Does<PayoutDesk>(command, async (desk, arguments, cancellationToken) =>
        {
            await desk.MoveAsync(arguments.GetRequiredValue(payout), state, arguments.GetRequiredValue(note), cancellationToken);
            await arguments.InvocationConfiguration.Output.WriteLineAsync($"The payout is {state}.");
        });
        return command;
    }

    private static Argument<string> Which(string name, string description) => new(name) { Description = description };
}
