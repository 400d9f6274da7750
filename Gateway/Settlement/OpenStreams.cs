using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Idempotency;

namespace ComputeShare.Gateway.Settlement;

/// <summary>This gateway's requests that hold money now, for the checkpoints and the journal.</summary>
internal sealed class OpenStreams(KeyedRequests keyed, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, OpenRequest> _open = new();

    /// <summary>Until <see cref="Close"/>, which comes after the settlement: what it finds of a gateway that died is the checkpoint.</summary>
    public void Open(CompletionContext context) => _open[context.Id.Value] = new OpenRequest(context, clock);

    public void Close(CompletionContext context) => _open.TryRemove(context.Id.Value, out _);

    /// <summary>Also says of requests with an Idempotency-Key that they live, before and after they hold money.</summary>
    public Checkpoint Checkpoint()
    {
        var checkpoint = new Checkpoint { Streams = { _open.Values.Select(open => open.Checkpoint()) } };
        checkpoint.Streams.AddRange(keyed.AliveBeside(checkpoint.Streams.Select(stream => stream.RequestId).ToHashSet()));
        return checkpoint;
    }

    /// <summary>
    /// How those are to be settled that would cost something if this gateway died now; the same object as before where nothing has been delivered
    /// since. For one caller.
    /// </summary>
    public IReadOnlyList<Settle> IfAllDie() => [.. _open.Values.Select(open => open.IfItDies()).OfType<Settle>()];

    private sealed class OpenRequest(CompletionContext context, TimeProvider clock)
    {
        // What a flush has completed may still wait for its turn in this process, and would die with it.
        private static readonly TimeSpan OnItsWay = TimeSpan.FromMilliseconds(50);

        private readonly Lock _lock = new();
        private long _looked = clock.GetTimestamp();
        private uint? _delivered;
        private uint? _arrived;
        private Settle? _ifItDies;

        public OpenStream Checkpoint() => new()
        {
            RequestId = context.Id.Value,
            OwnerEpoch = context.OwnerEpoch,
            Shares = { Settlements.Shares(context, Arrived()) },
        };

        public Settle? IfItDies()
        {
            // One with an Idempotency-Key is whoever takes it over's to settle, or else the reaper's.
            if (context.Keyed is not null || Arrived() is not { } tokens)
            {
                return null;
            }

            if (_ifItDies is null || _ifItDies.Shares[0].CompletionTokens != tokens)
            {
                _ifItDies = Settlements.IfItDies(context, tokens, clock.GetElapsedTime(context.Arrived));
            }

            return _ifItDies;
        }

        /// <summary>Completion tokens that have left the machine, of those that no text that follows can make less; null: nothing has.</summary>
        private uint? Arrived()
        {
            lock (_lock)
            {
                if (clock.GetElapsedTime(_looked) >= OnItsWay)
                {
                    // Without streaming the client has nothing before the end.
                    var leaves = (context.Request.Stream || context.AnswerLeaves) && context.Delivered.IsAnything;
                    (_arrived, _delivered, _looked) = (_delivered, leaves ? context.Delivered.Certain : null, clock.GetTimestamp());
                }

                return _arrived;
            }
        }
    }
}
