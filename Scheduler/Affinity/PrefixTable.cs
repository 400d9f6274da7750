using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Affinity;

/// <summary>
/// Which nodes were given which beginnings of prompts, by hashes that gateways make and nobody else can. Two generations bound it: when the
/// younger is full or old, the older one is forgotten as a whole. Safe for all threads.
/// </summary>
internal sealed class PrefixTable(IOptions<AffinityOptions> options)
{
    /// <summary>A prefix that many ask for is held by several nodes.</summary>
    public const int MostHolders = 4;

    private readonly Lock _lock = new();
    private Dictionary<ulong, Entry> _young = [];
    private Dictionary<ulong, Entry> _old = [];
    private TimeSpan _youngSince;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _young.Count + _old.Count;
            }
        }
    }

    public static ulong[] Read(RepeatedField<ByteString> hashes)
    {
        var read = new ulong[hashes.Count];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = hashes[i].Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64BigEndian(hashes[i].Span) : 0;
        }

        return read;
    }

    /// <summary>Who holds the longest beginning of the prompt, then the shorter ones; at most <see cref="MostHolders"/>.</summary>
    /// <param name="prefixes">Of one prompt, the shortest first.</param>
    /// <param name="now">On the process' monotonic clock.</param>
    public IReadOnlyList<PrefixHolder> Find(ReadOnlySpan<ulong> prefixes, TimeSpan now)
    {
        if (prefixes.IsEmpty)
        {
            return [];
        }

        var found = new List<PrefixHolder>(MostHolders);
        lock (_lock)
        {
            for (var i = prefixes.Length - 1; i >= 0 && found.Count < MostHolders; i--)
            {
                if (Get_NeedsLock(prefixes[i]) is { } entry)
                {
                    entry.AddTo(found, (i + 1.0) / prefixes.Length, now);
                }
            }
        }

        return found;
    }

    /// <summary>The node is given the prompt now.</summary>
    /// <returns>Those of the prefixes of which that is news.</returns>
    public ulong[] Add(ReadOnlySpan<ulong> prefixes, string nodeId, TimeSpan now)
    {
        var until = now + options.Value.Life;
        var news = new List<ulong>();
        lock (_lock)
        {
            foreach (var prefix in prefixes)
            {
                Age_NeedsLock(now);
                var entry = Get_NeedsLock(prefix) ?? new Entry();
                if (entry.Add(nodeId, until, freshUntil: until - (options.Value.Life / 2)))
                {
                    news.Add(prefix);
                }

                if (options.Value.Limit > 0)
                {
                    _young[prefix] = entry;
                    _old.Remove(prefix);
                }
            }
        }

        return [.. news];
    }

    private Entry? Get_NeedsLock(ulong prefix) =>
        _young.TryGetValue(prefix, out var entry) || _old.TryGetValue(prefix, out entry) ? entry : null;

    private void Age_NeedsLock(TimeSpan now)
    {
        if (_young.Count >= Math.Max(1, options.Value.Limit / 2) || now - _youngSince >= options.Value.Life)
        {
            (_old, _young, _youngSince) = (_young, [], now);
        }
    }

    /// <summary>The nodes that hold one prefix, the newest first.</summary>
    private sealed class Entry
    {
        private readonly List<(string NodeId, TimeSpan Until)> _holders = new(1);

        public void AddTo(List<PrefixHolder> found, double share, TimeSpan now)
        {
            foreach (var (nodeId, until) in _holders)
            {
                if (now < until && found.Count < MostHolders && !found.Exists(holder => holder.NodeId == nodeId))
                {
                    found.Add(new PrefixHolder(nodeId, share));
                }
            }
        }

        /// <returns>Whether it is worth telling others: they do not know it yet, or will soon forget it.</returns>
        public bool Add(string nodeId, TimeSpan until, TimeSpan freshUntil)
        {
            var known = _holders.FindIndex(holder => holder.NodeId == nodeId);
            if (known >= 0 && _holders[known].Until > freshUntil)
            {
                return false;
            }

            if (known >= 0)
            {
                _holders.RemoveAt(known);
            }
            else if (_holders.Count == MostHolders)
            {
                _holders.RemoveAt(MostHolders - 1);
            }

            _holders.Insert(0, (nodeId, until));
            return true;
        }
    }
}
