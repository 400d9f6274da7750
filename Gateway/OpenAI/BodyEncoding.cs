using System.IO.Compression;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>How a body may be packed: not at all, or in one of the ways that HTTP clients know. One layer only.</summary>
internal static class BodyEncoding
{
    /// <param name="request">Whose body.</param>
    /// <param name="body">The unpacked body; to be disposed.</param>
    /// <returns>False: packed in a way that is not known.</returns>
    public static bool TryOpen(HttpRequest request, out Stream body)
    {
        Stream? opened = request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
        {
            "" or "identity" => request.Body,
            "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            "br" => new BrotliStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            _ => null,
        };
        body = opened ?? Stream.Null;
        return opened is not null;
    }

    /// <summary>What the streams above throw for data that is not theirs; Brotli's says InvalidOperationException.</summary>
    public static bool IsCorrupt(Exception error) => error is InvalidDataException or InvalidOperationException;
}
