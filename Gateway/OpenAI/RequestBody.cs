using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>Reads a request's body as JSON: UTF-8, one object, no name twice, no nesting bombs.</summary>
internal static class RequestBody
{
    /// <summary>The largest body, in bytes. Compressed bodies are not accepted, so nothing grows when it is unpacked.</summary>
    public const int MostBytes = 32 * 1024 * 1024;

    private const int FirstBuffer = 16 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <exception cref="RequestRefusedException">Not JSON.</exception>
    /// <exception cref="BadHttpRequestException">Too large, or cut off.</exception>
    public static async Task<T> ReadJsonAsync<T>(HttpRequest request, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType() || !IsIdentity(request.Headers.ContentEncoding.ToString()))
        {
            throw new RequestRefusedException(OpenAIError.ForStatus(StatusCodes.Status415UnsupportedMediaType));
        }

        // Grows with what arrives: a length that is only announced takes no memory.
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }

                var count = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (count == 0)
                {
                    return Parse(buffer.AsMemory(0, length), read);
                }

                length += count;
            }
        }
        finally
        {
            // Prompts do not stay behind in shared memory.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static T Parse<T>(ReadOnlyMemory<byte> utf8, Func<JsonElement, T> read)
    {
        if (!Utf8.IsValid(utf8.Span))
        {
            throw NotJson();
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            return read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with half a surrogate pair.
            throw NotJson();
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        return larger;
    }

    private static bool IsIdentity(string encoding) => encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);

    private static RequestRefusedException NotJson() => new(OpenAIError.Invalid("We could not parse the JSON body of your request."));
}
