using System.Buffers;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// What is left of a body that is refused for its size. A client that is still sending sees a broken pipe, not the answer; so it is read
/// and thrown away for a while.
/// </summary>
internal static class BodyRemainder
{
    public const int MostBytes = 128 * 1024 * 1024;

    private const int Buffer = 64 * 1024;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Never throws; the connection is closed after the answer where something is left even so.</summary>
    public static async Task DiscardAsync(HttpRequest request)
    {
        if (!await IsReadToItsEndAsync(request))
        {
            request.HttpContext.CloseConnection();
        }
    }

    private static async Task<bool> IsReadToItsEndAsync(HttpRequest request)
    {
        // Has not begun to send, and does not when it is answered without being told to go on.
        if (request.Headers.Expect.Count > 0)
        {
            return false;
        }

        var http = request.HttpContext;
        using var late = new CancellationTokenSource(Longest, http.RequestServices.GetRequiredService<TimeProvider>());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, http.RequestAborted);
        var buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        try
        {
            for (long discarded = 0; discarded < MostBytes;)
            {
                var count = await request.Body.ReadAsync(buffer, stop.Token);
                if (count == 0)
                {
                    return true;
                }

                discarded += count;
            }

            return false;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // Too slow (the server's own limit is an IOException too), or gone.
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
