using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Idempotency;

namespace ComputeShare.Gateway.Settlement;

/// <summary>This gateway's requests that hold money now, for the checkpoints and the journal.</summary>
internal sealed class OpenStreams(KeyedRequests keyed, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, OpenRequest> _open = new();
    private readonly List<OpenRequest> _told = [];

    /// <summary>Until <see cref="Close"/>, which comes after the settlement: what it finds of a gateway that died is the checkpoint.</summary>
    public void Open(CompletionContext context) => _open[context.Id.Value] = new OpenRequest(context, clock);

    public void Close(CompletionContext context) => _open.TryRemove(context.Id.Value, out _);

    /// <summary>
    /// Those that Billing is to hear of now: of what was delivered since, and sometimes that the others live. Also says so of requests with an
    /// Idempotency-Key, before and after they hold money. For one caller, who says when Billing has it.
    /// </summary>
    public Checkpoint Checkpoint()
    {
        _told.Clear();
        var checkpoint = new Checkpoint();
        foreach (var (_, open) in _open)
        {
            if (open.ToTell() is { } stream)
            {
                _told.Add(open);
                checkpoint.Streams.Add(stream);
            }
        }

        checkpoint.Streams.AddRange(keyed.AliveBeside(_open.ContainsKey));
        return checkpoint;
    }

    /// <summary>Billing has the last checkpoint.</summary>
    public void Told() => _told.ForEach(open => open.Told());

    /// <summary>
    /// Adds how those are to be settled that would cost something if this gateway died now; the same objects as before where nothing has been
    /// delivered since. For one caller.
    /// </summary>
    public void IfAllDie(List<Settle> settles)
    {
        foreach (var (_, open) in _open)
        {
            if (open.IfItDies() is { } settle)
            {
                settles.Add(settle);
            }
        }
    }

    private sealed class OpenRequest(CompletionContext context, TimeProvider clock)
    {
        // What a flush has completed may still wait for its turn in this process, and would die with it.
        private static readonly TimeSpan OnItsWay = TimeSpan.FromMilliseconds(50);

        // Half of the least Holds:Expiry: that a stream lives is no news, and ten thousand of them are work for Billing.
        private static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(5);

        private readonly Lock _lock = new();
        private long _toldAt = clock.GetTimestamp();
        private uint? _told;
        private uint? _telling;
        private OpenStream? _stream;
        private long _looked = clock.GetTimestamp();
        private uint? _delivered;
        private uint? _arrived;
        private Settle? _ifItDies;

        /// <returns>Null: Billing knows it, and has heard of it lately.</returns>
        public OpenStream? ToTell()
        {
            var arrived = Arrived();
            if (_stream is null || _telling != arrived)
            {
                _telling = arrived;
                _stream = new OpenStream { RequestId = context.Id.Value, OwnerEpoch = context.OwnerEpoch, Shares = { Settlements.Shares(context, arrived) } };
            }

            // A retry may take one with an Idempotency-Key over as soon as it is not spoken of for Idempotency:OwnerLife.
            var isKnown = context.OwnerEpoch == 0 && _telling == _told && clock.GetElapsedTime(_toldAt) < TellAgain;
            return isKnown ? null : _stream;
        }

        public void Told() => (_told, _toldAt) = (_telling, clock.GetTimestamp());

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
