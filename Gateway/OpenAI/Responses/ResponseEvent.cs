using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.OpenAI.Responses;

/// <summary>
/// One event of a response's stream; fields that its type does not have are null and left out. Mutable, so that a stream writes all its events
/// with one instance.
/// </summary>
internal sealed class ResponseEvent
{
    public string Type { get; set; } = "";

    public long SequenceNumber { get; set; }

    public Response? Response { get; set; }

    public string? ItemId { get; set; }

    public int? OutputIndex { get; set; }

    public int? ContentIndex { get; set; }

    public ResponseItem? Item { get; set; }

    public ResponsePart? Part { get; set; }

    public string? Delta { get; set; }

    public string? Text { get; set; }

    public string? Name { get; set; }

    public string? Arguments { get; set; }

    public IReadOnlyList<TokenLogprobEntry>? Logprobs { get; set; }
}

/// <summary>
/// The last event after a failure. Beside the fields of its own API it has the error object: SDKs that know no typed events look for that.
/// </summary>
internal sealed record ResponseErrorEvent(
    long SequenceNumber,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code,
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    ErrorDetail Error,
    ComputeShareNote? Computeshare)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "error";
}
