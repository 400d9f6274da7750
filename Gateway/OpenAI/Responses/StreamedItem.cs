using System.Text;

namespace ComputeShare.Gateway.OpenAI.Responses;

/// <summary>An item of a response while it is streamed: what its last events repeat as a whole.</summary>
internal abstract class StreamedItem(string id)
{
    public string Id => id;

    public int OutputIndex { get; set; }

    public abstract ResponseItem Begun();

    public abstract ResponseItem Ended(string status);
}

internal sealed class StreamedText(string id, bool isThoughts) : StreamedItem(id)
{
    private readonly StringBuilder _text = new();
    private readonly List<TokenLogprobEntry> _logprobs = [];

    public bool IsThoughts => isThoughts;

    public string Text => _text.ToString();

    public IReadOnlyList<TokenLogprobEntry> Logprobs => _logprobs;

    public void Add(string text, IReadOnlyList<TokenLogprobEntry> logprobs)
    {
        _text.Append(text);
        _logprobs.AddRange(logprobs);
    }

    public ResponsePart Part(string text) =>
        isThoughts ? ResponseBuilder.Thought(text) : ResponseBuilder.Text(text, text.Length == 0 ? [] : _logprobs);

    public override ResponseItem Begun() => Item(ResponseBuilder.InProgress, []);

    public override ResponseItem Ended(string status) => Item(status, [Part(Text)]);

    private ResponseItem Item(string status, IReadOnlyList<ResponsePart> content) =>
        isThoughts ? ResponseBuilder.Thoughts(Id, status, content) : ResponseBuilder.Message(Id, status, content);
}

internal sealed class StreamedCall(string id, string callId, string name) : StreamedItem(id)
{
    private readonly StringBuilder _arguments = new();

    public string Name => name;

    public string Arguments => _arguments.ToString();

    public void Add(string arguments) => _arguments.Append(arguments);

    public override ResponseItem Begun() => ResponseBuilder.Call(Id, ResponseBuilder.InProgress, callId, name, "");

    public override ResponseItem Ended(string status) => ResponseBuilder.Call(Id, status, callId, name, Arguments);
}
