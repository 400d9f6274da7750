namespace ComputeShare.TestSupport.Replicas;

/// <summary>A streamed answer, read as far as the test wants.</summary>
internal sealed class ChatStream : IAsyncDisposable
{
    private readonly HttpResponseMessage? _response;
    private StreamReader? _reader;
    private bool _hasEnded;

    public ChatStream(HttpResponseMessage? response)
    {
        _response = response;
        if (response is null)
        {
            Answer.Broken = true;
        }
        else
        {
            Answer.Begin(response);
        }
    }

    public ChatAnswer Answer { get; } = new();

    /// <summary>Reads until so many tokens have arrived, or the stream has ended.</summary>
    public async Task ReadTokensAsync(int tokens, CancellationToken cancellationToken)
    {
        while (Answer.Tokens < tokens && await ReadAsync(cancellationToken))
        {
        }
    }

    public async Task<ChatAnswer> ReadToEndAsync(CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken))
        {
        }

        return Answer;
    }

    /// <summary>Hangs up.</summary>
    public ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        _response?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        _hasEnded = _hasEnded || !await ReadPartAsync(cancellationToken);
        return !_hasEnded;
    }

    private async Task<bool> ReadPartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_response is null)
            {
                return false;
            }

            _reader ??= new StreamReader(await _response.Content.ReadAsStreamAsync(cancellationToken));
            if (_response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                Answer.Take(await _reader.ReadToEndAsync(cancellationToken));
                return false;
            }

            if (await _reader.ReadLineAsync(cancellationToken) is not { } line)
            {
                return false;
            }

            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                Answer.Take(line["data: ".Length..]);
            }

            return true;
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            Answer.Broken = true;
            return false;
        }
    }
}
