using System.Buffers;

namespace ComputeShare.Tokenizing;

/// <summary>Which two neighbouring tokens become one, and in which order.</summary>
internal sealed class MergeTable
{
    private const int Never = int.MaxValue;

    private readonly Dictionary<long, Merge> _merges = [];

    /// <summary>The first word on a pair counts.</summary>
    public void Add(int left, int right, int rank, int token) => _merges.TryAdd(Key(left, right), new Merge(rank, token));

    /// <summary>Joins the pair of the lowest rank, the leftmost of equal ones, until no pair has a rank.</summary>
    /// <returns>How many tokens are left, at the beginning of <paramref name="tokens"/>.</returns>
    public int Apply(Span<int> tokens)
    {
        if (tokens.Length < 2)
        {
            return tokens.Length;
        }

        var rented = ArrayPool<Merge>.Shared.Rent(tokens.Length);
        var pairs = rented.AsSpan(0, tokens.Length);
        var count = tokens.Length;
        for (var i = 0; i + 1 < count; i++)
        {
            pairs[i] = Find(tokens[i], tokens[i + 1]);
        }

        while (Lowest(pairs[..(count - 1)]) is var at and >= 0)
        {
            tokens[at] = pairs[at].Token;
            tokens[(at + 2)..count].CopyTo(tokens[(at + 1)..]);
            if (at + 2 < count)
            {
                pairs[(at + 2)..count].CopyTo(pairs[(at + 1)..]);
            }

            count--;
            if (at > 0)
            {
                pairs[at - 1] = Find(tokens[at - 1], tokens[at]);
            }

            if (at + 1 < count)
            {
                pairs[at] = Find(tokens[at], tokens[at + 1]);
            }
        }

        ArrayPool<Merge>.Shared.Return(rented);
        return count;
    }

    private static int Lowest(ReadOnlySpan<Merge> pairs)
    {
        var (lowest, at) = (Never, -1);
        for (var i = 0; i < pairs.Length; i++)
        {
            if (pairs[i].Rank < lowest)
            {
                (lowest, at) = (pairs[i].Rank, i);
            }
        }

        return at;
    }

    private Merge Find(int left, int right) => _merges.TryGetValue(Key(left, right), out var merge) ? merge : new Merge(Never, 0);

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    private readonly record struct Merge(int Rank, int Token);
}
