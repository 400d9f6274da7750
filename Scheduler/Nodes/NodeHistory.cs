namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// What must be remembered of one node to tell a new report from an old one; the same rules as in put-node-state.lua and
/// drop-node-state.lua. Not thread-safe: the registry's lock guards it.
/// </summary>
internal sealed class NodeHistory
{
    private const int MostIncarnations = 16;

    private readonly Queue<string> _superseded = new();
    private string? _incarnation;
    private ulong _sequence;
    private bool _left;

    /// <summary>Until when a late report could still come; the history is forgotten then.</summary>
    public TimeSpan NeededUntil { get; set; }

    public bool Accepts(string incarnation, ulong sequence)
    {
        if (incarnation == _incarnation)
        {
            if (sequence < _sequence || (sequence == _sequence && _left))
            {
                return false;
            }
        }
        else if (_superseded.Contains(incarnation))
        {
            return false;
        }
        else if (_incarnation is not null)
        {
            _superseded.Enqueue(_incarnation);
            if (_superseded.Count > MostIncarnations)
            {
                _superseded.Dequeue();
            }
        }

        (_incarnation, _sequence, _left) = (incarnation, sequence, false);
        return true;
    }

    public bool AcceptsDeparture(string incarnation, ulong lastSequence)
    {
        if (incarnation != _incarnation || _sequence > lastSequence)
        {
            return false;
        }

        (_sequence, _left) = (lastSequence, true);
        return true;
    }
}
