using ComputeShare.Contracts;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Limits;

/// <summary>
/// Looks at a request before anything of it is used: what it asks for must be within the node's own limits and the protocol's. A gateway
/// keeps to both; one that does not gets an answer, and no work.
/// </summary>
internal sealed class RequestLimits(IOptions<LimitOptions> options)
{
    private const uint MostChoices = 8;
    private const int MostNameCharacters = 200;
    private const int MostSaltBytes = 256;

    // As gateways check them, in bytes.
    private const int MostStops = 4;
    private const int MostStopBytes = 1024;

    private readonly LimitOptions _options = options.Value;

    /// <summary>As the node's state tells them.</summary>
    public NodeLimits Told => new()
    {
        MaxBodyBytes = (uint)_options.BodyBytes,
        MaxCompletionTokens = (uint)_options.CompletionTokens,
        MaxTotalMs = (uint)_options.Total.TotalMilliseconds,
    };

    /// <summary>The gateway's deadlines, no longer than the node's own.</summary>
    public Deadlines Within(Deadlines? asked)
    {
        var total = (uint)_options.Total.TotalMilliseconds;
        return new Deadlines
        {
            FirstTokenMs = asked?.FirstTokenMs ?? 0,
            BetweenTokensMs = asked?.BetweenTokensMs ?? 0,
            TotalMs = asked is { TotalMs: > 0 } ? Math.Min(asked.TotalMs, total) : total,
        };
    }

    /// <summary>Why the request is not taken; null when it is, and then it asks for no more tokens than it may have.</summary>
    public EngineException? Refuse(GenerateRequest request)
    {
        var refusal = !RequestId.TryParse(request.RequestId, out _) ? EngineException.Invalid("request_id must be 32 lowercase hexadecimal digits.", "")
            : !IsName(request.Model) ? EngineException.NotServed()
            : request.LeaseId.Length > 0 && !IsName(request.LeaseId) ? EngineException.Invalid($"lease_id must be at most {MostNameCharacters} printable characters.", "")
            : request.Slots > MostChoices ? EngineException.Invalid($"n must be at most {MostChoices}.", "n")
            : request.Stop.Count > MostStops || request.Stop.Any(stop => stop.Length is 0 or > MostStopBytes)
                ? EngineException.Invalid($"stop must be at most {MostStops} texts of 1 to {MostStopBytes} characters.", "stop")
            : request.CacheSalt.Length > MostSaltBytes ? EngineException.Invalid($"cache_salt must have at most {MostSaltBytes} bytes.", "")
            : BodyBytes(request) > _options.BodyBytes ? EngineException.Unsupported($"This node takes requests of at most {_options.BodyBytes} bytes.", "")
            : IsTooLong(request) ? EngineException.Unsupported($"This node writes at most {_options.CompletionTokens} tokens.", "max_tokens")
            : null;
        if (refusal is null && request.MaxTokens == 0)
        {
            request.MaxTokens = (uint)_options.CompletionTokens;
        }

        return refusal;
    }

    private bool IsTooLong(GenerateRequest request) => _options.CompletionTokens > 0 && request.MaxTokens > _options.CompletionTokens;

    private static int BodyBytes(GenerateRequest request) => request.WorkCase switch
    {
        GenerateRequest.WorkOneofCase.Chat => request.Chat.Body.Length,
        GenerateRequest.WorkOneofCase.Completion => request.Completion.Body.Length,
        GenerateRequest.WorkOneofCase.Embedding => request.Embedding.Body.Length,
        _ => 0,
    };

    private static bool IsName(string text) => text.Length is > 0 and <= MostNameCharacters && !text.Any(char.IsControl);
}
