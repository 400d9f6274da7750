using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Pricing;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Settlement;

/// <summary>The entries of one settlement: what the consumer and, after lost holds, the platform give, and who gets it.</summary>
internal static class EntryPlan
{
    /// <param name="command">What was delivered, and its amount.</param>
    /// <param name="paid">What the consumer can pay of the amount; the platform bears the rest.</param>
    /// <param name="feeBasisPoints">The platform's part.</param>
    public static IEnumerable<Entry> Of(SettleCommand command, Money paid, int feeBasisPoints)
    {
        var split = RevenueSplit.Of(
            command.Amount,
            feeBasisPoints,
            command.Shares.Select(share => share.Price.PerMillion.ExactFor(share.Counts)).ToArray());

        // A hoster with several nodes gets one entry.
        var hosters = command.Shares
            .Zip(split.Hosters)
            .GroupBy(part => part.First.Price.HosterId, part => part.Second.NanoDollars)
            .Select(hoster => (Account: hoster.Key, Book: Books.HosterEscrow, Amount: hoster.Sum()));

        (string Account, string Book, long Amount)[] all =
        [
            (command.AccountId, Books.ConsumerBalance, -paid.NanoDollars),
            (PlatformAccount.Id, Books.PlatformLoss, (paid - command.Amount).NanoDollars),
            (PlatformAccount.Id, Books.PlatformFee, split.Fee.NanoDollars),
            .. hosters,
        ];
        return all
            .Where(entry => entry.Amount != 0)
            .Select((entry, position) => new Entry(command.RequestId, command.Kind, (short)position, entry.Account, entry.Book, entry.Amount));
    }
}
