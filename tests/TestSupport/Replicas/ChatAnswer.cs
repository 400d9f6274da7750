using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>What a client has of one request so far.</summary>
internal sealed class ChatAnswer
{
    private readonly List<string> _errors = [];
    private readonly List<(DateTimeOffset At, int Tokens)> _arrivals = [];

    /// <summary>Null: no response came.</summary>
    public HttpStatusCode? Status { get; private set; }

    public HttpResponseHeaders? Headers { get; private set; }

    /// <summary>As in the ledger; empty without a response.</summary>
    public string RequestId { get; private set; } = "";

    /// <summary>Completion tokens that have arrived, as their log probabilities tell; of a whole answer, as its usage tells.</summary>
    public int Tokens { get; private set; }

    /// <summary>When how many of them arrived, in order.</summary>
    public IReadOnlyList<(DateTimeOffset At, int Tokens)> Arrivals => _arrivals;

    /// <summary><c>[DONE]</c> came, or a whole answer.</summary>
    public bool Completed { get; private set; }

    /// <summary>The connection broke: there was none, or the body did not end as it must.</summary>
    public bool Broken { get; set; }

    /// <summary>The client left before the end.</summary>
    public bool HungUp { get; set; }

    /// <summary>Vectors: a prompt is billed, and no token arrives.</summary>
    public bool IsOfVectors { get; private set; }

    /// <summary>Codes of the error body or of error events.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public string Header(string name) => Headers is { } headers && headers.TryGetValues(name, out var values) ? values.Single() : "";

    public void Begin(HttpResponseMessage response)
    {
        Status = response.StatusCode;
        Headers = response.Headers;
        RequestId = Header("x-request-id") is { Length: > 4 } id ? id["req_".Length..] : "";
    }

    /// <summary>Takes the data of an event, or a whole body.</summary>
    public void Take(string data)
    {
        if (data == "[DONE]")
        {
            Completed = true;
            return;
        }

        using var document = JsonDocument.Parse(data);
        var body = document.RootElement;
        if (body.TryGetProperty("error", out var error))
        {
            _errors.Add(error.GetProperty("code").GetString() ?? "");
        }
        else if (body.GetProperty("object").GetString() == "list")
        {
            IsOfVectors = true;
            Completed = true;
            _arrivals.Add((TimeProvider.System.GetUtcNow(), 0));
        }
        else if (body.GetProperty("object").GetString() is "chat.completion" or "text_completion")
        {
            Arrive(body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
            Completed = true;
        }
        else
        {
            Arrive(body.GetProperty("choices").EnumerateArray().Sum(CountTokens));
        }
    }

    public override string ToString() =>
        $"{RequestId}: {(int?)Status} {string.Join(',', Errors)} {Tokens} tokens{(Completed ? ", completed" : "")}{(Broken ? ", broken" : "")}";

    private void Arrive(int tokens)
    {
        if (tokens > 0)
        {
            Tokens += tokens;
            _arrivals.Add((TimeProvider.System.GetUtcNow(), tokens));
        }
    }

    private static int CountTokens(JsonElement choice) =>
        choice.TryGetProperty("logprobs", out var logprobs) && logprobs.ValueKind == JsonValueKind.Object
        && logprobs.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array
            ? content.GetArrayLength()
            : 0;
}
