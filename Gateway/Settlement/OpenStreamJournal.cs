using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

/// <summary>Keeps on disk how the open streams are to be settled if this gateway dies: what it delivered a moment before is paid, too.</summary>
internal sealed class OpenStreamJournal(
    OpenStreams streams, SettlementSpool spool, IOptions<SettlementOptions> options, TimeProvider clock, ILogger<OpenStreamJournal> logger)
    : PeriodicWorker(options.Value.JournalEvery, clock, logger)
{
    private IReadOnlyList<Settle> _kept = [];
    private bool _failed;

    public override Task RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            var open = streams.IfAllDie();
            if (!open.SequenceEqual(_kept, ReferenceEqualityComparer.Instance))
            {
                spool.KeepOpen(open);
                _kept = open;
            }

            _failed = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A full disk would be told of ten times a second.
            if (!_failed)
            {
                SettlementLog.JournalFailed(Logger, error);
            }

            _failed = true;
        }

        return Task.CompletedTask;
    }
}
