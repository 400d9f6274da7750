using System.Runtime.InteropServices;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

/// <summary>Keeps on disk how the open streams are to be settled if this gateway dies: what it delivered a moment before is paid, too.</summary>
internal sealed class OpenStreamJournal(
    OpenStreams streams, SettlementSpool spool, IOptions<SettlementOptions> options, TimeProvider clock, ILogger<OpenStreamJournal> logger)
    : PeriodicWorker(options.Value.JournalEvery, clock, logger)
{
    // Two that take turns: looking ten times a second at ten thousand streams leaves nothing behind.
    private List<Settle> _kept = [];
    private List<Settle> _open = [];
    private bool _failed;

    public override Task RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            _open.Clear();
            streams.IfAllDie(_open);
            if (!CollectionsMarshal.AsSpan(_open).SequenceEqual(CollectionsMarshal.AsSpan(_kept), ReferenceEqualityComparer.Instance))
            {
                spool.KeepOpen(_open);
                (_kept, _open) = (_open, _kept);
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
