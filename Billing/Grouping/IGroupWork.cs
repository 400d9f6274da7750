using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Grouping;

/// <summary>What a lane does with a group: one transaction for all of it.</summary>
internal interface IGroupWork<TCommand>
{
    /// <summary>The lane's name in metrics and logs.</summary>
    string Lane { get; }

    /// <summary>How many groups may run side by side.</summary>
    int Width => 1;

    /// <summary>
    /// Commands with equal spread never run side by side: those of one request, because they run in the order they came, and those that
    /// would only wait for each other's locks.
    /// </summary>
    int SpreadOf(TCommand command) => 0;

    /// <summary>Commands of one request are never in the same group, so that they run in the order they came.</summary>
    Guid RequestOf(TCommand command);

    /// <summary>Nobody waits for the command any more, and it is better not done.</summary>
    bool MayBeDropped(TCommand command);

    /// <summary>
    /// The answers, in the commands' order. Throws when the transaction as a whole failed: then none was done, or, where only the disk was not
    /// heard of, all were, and say so when they are sent again.
    /// </summary>
    Task<IReadOnlyList<BillingAnswer>> RunInOneTransactionAsync(IReadOnlyList<TCommand> group, CancellationToken cancellationToken);
}
