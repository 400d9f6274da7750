namespace ComputeShare.Tokenizing;

/// <summary>
/// How many tokens short sections have that were counted lately: the words of a language come again and again. A fixed number of places; a
/// section takes that of another. Any thread may use one.
/// </summary>
internal sealed class SectionCounts
{
    /// <summary>Longer ones seldom come twice.</summary>
    public const int LongestSection = 16;

    // A power of two. Some hundred kilobytes per tokenizer.
    private const int Places = 4096;

    private readonly Entry?[] _entries = new Entry?[Places];

    public bool TryFind(ReadOnlySpan<char> section, bool isStart, out int count)
    {
        var entry = Volatile.Read(ref Place(section));
        var isIt = entry is not null && entry.IsStart == isStart && section.SequenceEqual(entry.Section);
        count = isIt ? entry!.Count : 0;
        return isIt;
    }

    public void Keep(ReadOnlySpan<char> section, bool isStart, int count) => Volatile.Write(ref Place(section), new Entry(section.ToString(), isStart, count));

    private ref Entry? Place(ReadOnlySpan<char> section) => ref _entries[string.GetHashCode(section) & (Places - 1)];

    private sealed class Entry(string section, bool isStart, int count)
    {
        public string Section => section;

        public bool IsStart => isStart;

        public int Count => count;
    }
}
