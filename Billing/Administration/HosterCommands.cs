using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin hoster create | list | forfeit | appeal | source</c>.</summary>
internal static class HosterCommands
{
    private const string All = "all";

    public static Command Create(AdminRun run) =>
        new("hoster", "Who owns nodes, and what becomes of their earnings.") { CreateHoster(run), List(run), Forfeit(run), Appeal(run), Source(run) };

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

    private static Command List(AdminRun run)
    {
        var command = new Command("list", "How hosters stand against the threshold of docs/payouts.md, and what they have, in dollars.");
        run.Does<HosterDesk>(command, async (desk, arguments, cancellationToken) =>
        {
            var table = new Table("ID", "NAME", "REQUESTS", "FAILED", "SUSPECT NODES", "CLEARS", "ESCROW", "CLEARABLE", "CLEARED");
            foreach (var (hoster, meets) in await desk.ListAsync(cancellationToken))
            {
                table.Add(
                    hoster.HosterId,
                    hoster.Name,
                    hoster.Requests.ToString(CultureInfo.InvariantCulture),
                    (hoster.Failures + hoster.FailedAttempts).ToString(CultureInfo.InvariantCulture),
                    hoster.SuspectNodes.ToString(CultureInfo.InvariantCulture),
                    meets ? "yes" : "no",
                    hoster.Escrow.ToString(),
                    hoster.Clearable.ToString(),
                    hoster.Cleared.ToString());
            }

            await table.WriteAsync(arguments.InvocationConfiguration.Output);
        });
        return command;
    }

    private static Command Forfeit(AdminRun run)
    {
        var hoster = AccountCommands.AccountArgument();
        var amount = new Argument<Money>("AMOUNT") { Description = $"Dollars, or {All}.", CustomParser = DollarsOrAll };
        var reason = Reason("Why; stands in the ledger. Sent again, the same reason forfeits nothing more.");
        var cleared = new Option<bool>("--from-cleared") { Description = "From what can be paid out, instead of from escrow." };
        var command = new Command("forfeit", "Takes earnings from a hoster; prints the forfeit's id.") { hoster, amount, reason, cleared };
        run.Does<HosterDesk>(command, async (desk, arguments, cancellationToken) =>
        {
            var forfeit = await desk.ForfeitAsync(
                arguments.GetRequiredValue(hoster), arguments.GetValue(cleared), AmountOf(arguments.GetValue(amount)), arguments.GetRequiredValue(reason), cancellationToken);
            await TellAsync(arguments, forfeit, "forfeited");
        });
        return command;
    }

    private static Command Appeal(AdminRun run)
    {
        var forfeit = new Argument<string>("FORFEIT") { Description = "Its id." };
        var reason = Reason("Why; stands in the ledger.");
        var command = new Command("appeal", "Gives a forfeit back, to where it came from.") { forfeit, reason };
        run.Does<HosterDesk>(command, async (desk, arguments, cancellationToken) =>
            await TellAsync(
                arguments, await desk.AppealAsync(arguments.GetRequiredValue(forfeit), arguments.GetRequiredValue(reason), cancellationToken), "given back"));
        return command;
    }

    private static Command Source(AdminRun run)
    {
        var account = AccountCommands.AccountArgument();
        var source = new Argument<string>("SOURCE") { Description = "Such as person:alice; never a card's number." };
        var command = new Command(
            "source", "Says where an account's money comes from or goes to: a consumer's requests count for no hoster that shares a source with it.") { account, source };
        run.Does<HosterDesk>(command, (desk, arguments, cancellationToken) =>
            desk.AddSourceAsync(arguments.GetRequiredValue(account), arguments.GetRequiredValue(source), cancellationToken));
        return command;
    }

    private static async Task TellAsync(ParseResult arguments, Forfeited forfeit, string done)
    {
        var told = forfeit.Booked ? $"{forfeit.Amount} dollars are {done}." : "It was booked before: nothing has changed.";
        await arguments.InvocationConfiguration.Error.WriteLineAsync(told);
        await arguments.InvocationConfiguration.Output.WriteLineAsync(forfeit.Id.Value);
    }

    private static Option<string> Reason(string description)
    {
        var reason = new Option<string>("--reason") { Description = description, HelpName = "TEXT", Required = true };
        reason.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && string.IsNullOrWhiteSpace(result.Tokens[0].Value))
            {
                result.AddError("--reason must give one.");
            }
        });
        return reason;
    }

    // No amount that can be typed is nothing, so that nothing can stand for all.
    private static Money DollarsOrAll(ArgumentResult result) =>
        result.Tokens[0].Value == All ? Money.Zero : CreditCommand.Dollars(result);

    private static Money? AmountOf(Money typed) => typed == Money.Zero ? null : typed;
}
