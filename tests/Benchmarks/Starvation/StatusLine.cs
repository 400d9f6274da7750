using System.Buffers.Text;

namespace ComputeShare.Benchmarks.Starvation;

/// <summary>All that an attacker wants to know of an answer.</summary>
internal static class StatusLine
{
    private static ReadOnlySpan<byte> Version => "HTTP/1.1 "u8;

    /// <summary>The status of the answer that begins within these bytes; null: none does.</summary>
    public static int? Find(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf(Version);
        return at >= 0 && Utf8Parser.TryParse(bytes[(at + Version.Length)..], out int status, out _) ? status : null;
    }
}
