using System.CommandLine;
using System.CommandLine.Parsing;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin credit ACCOUNT AMOUNT --reference TEXT</c>.</summary>
internal static class CreditCommand
{
    // One typing error should not fill the range of Money.
    public const decimal Most = 10_000_000;

    public static Command Create(AdminRun run)
    {
        var account = AccountCommands.AccountArgument();
        var amount = new Argument<Money>("AMOUNT") { Description = "Dollars, such as 25 or 0.50.", CustomParser = Dollars };
        var reference = new Option<string>("--reference")
        {
            Description = "Names this sale, such as an invoice's number. Sent again, the same reference books nothing.",
            HelpName = "TEXT",
            Required = true,
        };
        reference.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && string.IsNullOrWhiteSpace(result.Tokens[0].Value))
            {
                result.AddError("--reference must name this sale.");
            }
        });
        var command = new Command("credit", "Gives a consumer credit; prints the new balance in dollars.") { account, amount, reference };
        run.Does<CreditSale>(command, async (credit, arguments, cancellationToken) =>
        {
            var (balance, booked) = await credit.SellAsync(
                arguments.GetRequiredValue(account), arguments.GetValue(amount), arguments.GetRequiredValue(reference), cancellationToken);
            if (!booked)
            {
                await arguments.InvocationConfiguration.Error.WriteLineAsync("This reference was booked before: nothing has changed.");
            }

            await arguments.InvocationConfiguration.Output.WriteLineAsync(balance.ToString());
        });
        return command;
    }

    public static Money Dollars(ArgumentResult result)
    {
        if (DollarAmount.TryParse(result.Tokens[0].Value, Most) is { NanoDollars: > 0 } amount)
        {
            return amount;
        }

        result.AddError($"AMOUNT must be dollars above 0 and up to {Most:0}, with at most nine decimals.");
        return Money.Zero;
    }
}
