using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Idempotency;

namespace ComputeShare.Gateway.Settlement;

/// <summary>This gateway's requests that hold money now, for the checkpoints and the journal.</summary>
internal sealed class OpenStreams(KeyedRequests keyed, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, OpenRequest> _open = new();
    private readonly List<OpenRequest> _told = [];
    private bool _isInDoubt;

    /// <summary>Until <see cref="Close"/>, which comes after the settlement: what it finds of a gateway that died is the checkpoint.</summary>
    public void Open(CompletionContext context) => _open[context.Id.Value] = new OpenRequest(context, clock);

    public void Close(CompletionContext context)
    {
        // A retry that took the request over may run here too: that one is another.
        if (_open.TryGetValue(context.Id.Value, out var open) && open.IsOf(context))
        {
            _open.TryRemove(KeyValuePair.Create(context.Id.Value, open));
        }
    }

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
            if (open.ToTell(_isInDoubt) is { } stream)
            {
                _told.Add(open);
                checkpoint.Streams.Add(stream);
            }
        }

        checkpoint.Streams.AddRange(keyed.AliveBeside(_open.ContainsKey));
        _isInDoubt = false;
        return checkpoint;
    }

    /// <summary>Billing has the last checkpoint.</summary>
    public void Told() => _told.ForEach(open => open.Told());

    /// <summary>Billing may not have it, nor others before it, where its database has lost its memory: the next one speaks of all.</summary>
    public void NotTold() => _isInDoubt = true;

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

        // A third of the least Holds:Expiry, so that a database that hangs does not make a stream look dead. That one lives is no news, and
        // ten thousand of them are work for Billing.
        private static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(3);

        private readonly Lock _lock = new();
        private long _toldAt = clock.GetTimestamp();
        private Counts _told;
        private Counts _telling;
        private OpenStream? _stream;
        private long _looked = clock.GetTimestamp();
        private uint? _delivered;
        private uint? _arrived;
        private Counts _dying;
        private Settle? _ifItDies;

        public bool IsOf(CompletionContext other) => other == context;

        /// <param name="isInDoubt">What Billing was told may be lost.</param>
        /// <returns>Null: Billing knows it, and has heard of it lately.</returns>
        public OpenStream? ToTell(bool isInDoubt)
        {
            var arrived = Arrived();
            var counts = new Counts(arrived, context.Report);
            if (_stream is null || _telling != counts)
            {
                _telling = counts;
                _stream = new OpenStream { RequestId = context.Id.Value, OwnerEpoch = context.OwnerEpoch, Shares = { Settlements.Shares(context, arrived) } };
            }

            // A retry may take one with an Idempotency-Key over as soon as it is not spoken of for Idempotency:OwnerLife.
            var isKnown = !isInDoubt && context.OwnerEpoch == 0 && _telling == _told && clock.GetElapsedTime(_toldAt) < TellAgain;
            return isKnown ? null : _stream;
        }

        public void Told() => (_told, _toldAt) = (_telling, clock.GetTimestamp());

        public Settle? IfItDies()
        {
            // One with an Idempotency-Key is whoever takes it over's to settle, or else the reaper's; the look is the checkpoints' too.
            if (Arrived() is not { } tokens || context.Keyed is not null)
            {
                return null;
            }

            var counts = new Counts(tokens, context.Report);
            if (_ifItDies is null || _dying != counts)
            {
                _dying = counts;
                _ifItDies = Settlements.IfItDies(context, tokens, clock.GetElapsedTime(context.Arrived));
            }

            return _ifItDies;
        }

        /// <summary>
        /// Completion tokens that have left the machine, of those that no text that follows can make less: all of an answer that has ended.
        /// Null: nothing has.
        /// </summary>
        private uint? Arrived()
        {
            lock (_lock)
            {
                if (clock.GetElapsedTime(_looked) >= OnItsWay)
                {
                    // Without streaming the client has nothing before the end.
                    var leaves = (context.Request.Stream || context.AnswerLeaves) && context.Delivered.IsAnything;
                    var certain = context.FinishReason is null ? context.Delivered.Certain : context.Delivered.Delivered;
                    (_arrived, _delivered, _looked) = (_delivered, leaves ? certain : null, clock.GetTimestamp());
                }

                return _arrived;
            }
        }

        /// <param name="Tokens">Arrived; null: nothing has.</param>
        /// <param name="Report">The node's, which tells what was cached, and comes last.</param>
        private readonly record struct Counts(uint? Tokens, Finished? Report);
    }
}
