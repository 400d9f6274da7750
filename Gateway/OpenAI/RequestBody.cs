using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// Reads a request's body as JSON: unpacked, UTF-8, one object, no name twice, no nesting bombs. The limit counts what was unpacked, and
/// reading stops there: a small body that would grow without end does not.
/// </summary>
internal static class RequestBody
{
    /// <summary>The largest body after unpacking, in bytes.</summary>
    public const int MostBytes = 32 * 1024 * 1024;

    private const int FirstBuffer = 16 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <param name="request">Whose body.</param>
    /// <param name="read">From its JSON to what it says.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <param name="seen">Gets the unpacked bytes of a body that <paramref name="read"/> has accepted.</param>
    /// <exception cref="RequestRefusedException">Not JSON, or too large.</exception>
    /// <exception cref="BadHttpRequestException">Cut off, or too slow.</exception>
    public static async Task<T> ReadJsonAsync<T>(
        HttpRequest request, Func<JsonElement, T> read, CancellationToken cancellationToken, Action<ReadOnlySpan<byte>>? seen = null)
    {
        if (!request.HasJsonContentType() || !BodyEncoding.TryOpen(request, out var body))
        {
            throw new RequestRefusedException(OpenAIError.ForStatus(StatusCodes.Status415UnsupportedMediaType));
        }

        await using (body)
        {
            return await ReadAsync(request, body, MostBytes, OpenAIError.ForStatus(StatusCodes.Status413PayloadTooLarge), Take, cancellationToken);
        }

        T Take(ReadOnlyMemory<byte> bytes)
        {
            var accepted = Parse(bytes, read);
            seen?.Invoke(bytes.Span);
            return accepted;
        }
    }

    /// <summary>Reads a body to its end, but no more than so many bytes.</summary>
    /// <param name="request">Whose body.</param>
    /// <param name="body">The request's own, or what it unpacks to.</param>
    /// <param name="most">How many bytes are accepted.</param>
    /// <param name="tooLarge">What is said of more.</param>
    /// <param name="use">Gets the bytes, and must not keep them.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <exception cref="RequestRefusedException">Too large for the limit or for the memory that is left, or refused by <paramref name="use"/>.</exception>
    /// <exception cref="BadHttpRequestException">Cut off, or too slow.</exception>
    public static async Task<T> ReadAsync<T>(
        HttpRequest request, Stream body, int most, OpenAIError tooLarge, Func<ReadOnlyMemory<byte>, T> use, CancellationToken cancellationToken)
    {
        // The server's own limit would cut the connection; here the client gets to read why it is refused.
        request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        using var arrival = new BodyArrival(request, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            // Grows with what arrives: a length that is only announced takes no memory.
            var length = request.ContentLength > most ? most + 1 : 0;
            while (length <= most)
            {
                if (length == buffer.Length)
                {
                    if (!arrival.TryGrow(buffer.Length))
                    {
                        tooLarge = OpenAIError.TooManyBodies;
                        break;
                    }

                    buffer = Grow(buffer);
                }

                var count = await ReadAsync(body, buffer.AsMemory(length), arrival);
                if (count == 0)
                {
                    return use(buffer.AsMemory(0, length));
                }

                length += count;
            }
        }
        finally
        {
            // Prompts do not stay behind in shared memory.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }

        await BodyRemainder.DiscardAsync(request);
        throw new RequestRefusedException(tooLarge);
    }

    private static async ValueTask<int> ReadAsync(Stream body, Memory<byte> buffer, BodyArrival arrival)
    {
        try
        {
            return await body.ReadAsync(buffer, arrival.Token);
        }
        catch (OperationCanceledException) when (arrival.IsLate)
        {
            throw arrival.Late();
        }
        catch (Exception error) when (BodyEncoding.IsCorrupt(error))
        {
            throw new RequestRefusedException(OpenAIError.Invalid("The body is not what its Content-Encoding says."));
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

    private static RequestRefusedException NotJson() => new(OpenAIError.Invalid("We could not parse the JSON body of your request."));
}
