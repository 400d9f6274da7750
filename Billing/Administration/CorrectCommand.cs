using System.CommandLine;
using ComputeShare.Billing.Ledger;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin correct REQUEST_ID AMOUNT --reference TEXT</c>.</summary>
internal static class CorrectCommand
{
    private const string All = "all";
    private const string CompletionPrefix = "chatcmpl-";
    private const string RequestPrefix = "req_";

    public static Command Create(AdminRun run)
    {
        var request = new Argument<string>("REQUEST_ID") { Description = "As x-request-id or the completion's id names it." };
        var amount = new Argument<string>("AMOUNT") { Description = "Dollars that the consumer gets back, such as 0.0005; or all." };
        var reference = new Option<string>("--reference")
        {
            Description = "Why. Sent again, the same reference books nothing.",
            HelpName = "TEXT",
            Required = true,
        };
        var command = new Command("correct", "Gives a consumer back what a request cost, or a part of it; prints how much.") { request, amount, reference };
        run.Does<Refund>(command, async (refunds, arguments, cancellationToken) =>
        {
            var refunded = await BookAsync(
                refunds,
                IdOf(arguments.GetRequiredValue(request)),
                AmountOf(arguments.GetRequiredValue(amount)),
                arguments.GetRequiredValue(reference),
                cancellationToken);
            if (!refunded.Booked)
            {
                await arguments.InvocationConfiguration.Error.WriteLineAsync("This reference was booked before: nothing has changed.");
            }

            await arguments.InvocationConfiguration.Output.WriteLineAsync(refunded.Amount.ToString());
        });
        return command;
    }

    private static async Task<Refunded> BookAsync(
        Refund refunds, Guid request, Money? amount, string reference, CancellationToken cancellationToken)
    {
        try
        {
            return await refunds.BookAsync(request, amount, reference, cancellationToken);
        }
        catch (ArgumentException refused)
        {
            // Without the name of the parameter that .NET puts behind it.
            throw new AdministrationException(refused.Message.Split(" (Parameter")[0]);
        }
    }

    private static Guid IdOf(string text)
    {
        var id = text.StartsWith(CompletionPrefix, StringComparison.Ordinal) ? text[CompletionPrefix.Length..]
            : text.StartsWith(RequestPrefix, StringComparison.Ordinal) ? text[RequestPrefix.Length..]
            : text;
        return RequestId.TryParse(id, out var request)
            ? Guid.ParseExact(request.Value, "N")
            : throw new AdministrationException($"{text} is no request's id.");
    }

    private static Money? AmountOf(string text) => text == All
        ? null
        : DollarAmount.TryParse(text, CreditCommand.Most)
            ?? throw new AdministrationException($"AMOUNT must be dollars with at most nine decimals, or {All}.");
}
