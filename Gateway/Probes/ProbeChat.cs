namespace ComputeShare.Gateway.Probes;

/// <summary>A conversation as far as it has come. Used by one flow.</summary>
internal sealed class ProbeChat
{
    private readonly List<(string Role, string Content)> _messages = [];

    public IReadOnlyList<(string Role, string Content)> Messages => _messages;

    public int Questions => _messages.Count(message => message.Role == "user");

    public ProbeChat Instruct(string content) => Add("system", content);

    public ProbeChat Ask(string content) => Add("user", content);

    public ProbeChat Answered(string content) => Add("assistant", content);

    private ProbeChat Add(string role, string content)
    {
        _messages.Add((role, content));
        return this;
    }
}
