using System.Text;

namespace ComputeShare.ServiceDefaults.Texts;

/// <summary>
/// The texts of tokens that came lately: a model says the same few thousand again and again. A fixed number of places; a text takes that of
/// another. Any thread may use it.
/// </summary>
public static class TokenTexts
{
    // Longer ones seldom come twice.
    private const int LongestBytes = 24;

    // A power of two; some hundred kilobytes.
    private const int Places = 8192;

    private static readonly Entry?[] Entries = new Entry?[Places];

    /// <param name="utf8">Valid UTF-8.</param>
    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > LongestBytes)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var place = ref Entries[hash.ToHashCode() & (Places - 1)];
        var entry = Volatile.Read(ref place);
        if (entry is null || !utf8.SequenceEqual(entry.Utf8))
        {
            entry = new Entry(utf8.ToArray(), Encoding.UTF8.GetString(utf8));
            Volatile.Write(ref place, entry);
        }

        return entry.Text;
    }

    private sealed class Entry(byte[] utf8, string text)
    {
        public byte[] Utf8 => utf8;

        public string Text => text;
    }
}
