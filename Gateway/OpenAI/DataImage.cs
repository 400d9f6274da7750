using System.Buffers.Text;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// An image that a node may see: inside the request, as a <c>data:</c> URL. An address would make a node fetch it from inside its owner's
/// network (DESIGN.md §7).
/// </summary>
internal static class DataImage
{
    private const string Scheme = "data:";
    private const string Encoding = ";base64";

    // Enough base64 for the longest signature, WEBP's 12 bytes.
    private const int SignatureCharacters = 16;

    /// <exception cref="RequestRefusedException">It is none.</exception>
    public static string Check(string url, string param)
    {
        if (!url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw RequestRefusedException.For(param, "images are accepted as 'data:' URLs only, not as addresses");
        }

        var comma = url.IndexOf(',', StringComparison.Ordinal);
        var type = comma < 0 ? "" : url[Scheme.Length..comma];
        if (!type.EndsWith(Encoding, StringComparison.OrdinalIgnoreCase) || !Base64.IsValid(url.AsSpan(comma + 1)))
        {
            throw RequestRefusedException.For(param, "it must be 'data:image/…;base64,' with valid base64 behind it");
        }

        var head = url.AsSpan(comma + 1, Math.Min(SignatureCharacters, url.Length - comma - 1));
        Span<byte> bytes = stackalloc byte[SignatureCharacters];
        var isImage = Convert.TryFromBase64Chars(head, bytes, out var length)
            && IsOfType(bytes[..length], type[..^Encoding.Length]);
        return isImage ? url : throw RequestRefusedException.For(param, "it must be a PNG, JPEG, WEBP or GIF image of the type that it names");
    }

    private static bool IsOfType(ReadOnlySpan<byte> bytes, string type) => type.ToUpperInvariant() switch
    {
        "IMAGE/PNG" => bytes is [0x89, (byte)'P', (byte)'N', (byte)'G', ..],
        "IMAGE/JPEG" or "IMAGE/JPG" => bytes is [0xFF, 0xD8, 0xFF, ..],
        "IMAGE/GIF" => bytes.StartsWith("GIF8"u8),
        "IMAGE/WEBP" => bytes.StartsWith("RIFF"u8) && bytes.Length >= 12 && bytes[8..].StartsWith("WEBP"u8),
        _ => false,
    };
}
