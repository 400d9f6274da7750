using System.Text;
using System.Text.Json;
using ComputeShare.Tokenizing.Gguf;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;
using ComputeShare.Tokenizing.BytePairs;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>
/// Chats as tokens, in the form that the file's <c>tokenizer.chat_template</c> says in jinja:
/// <c>&lt;|user|&gt;\n…&lt;|end|&gt;\n&lt;|assistant|&gt;\n</c>. Tools are a system turn before all others, one a line. A call is
/// <c>&lt;|tool_call|&gt;{"name":…,"arguments":…}</c> in an assistant's turn, its answer a <c>&lt;|tool|&gt;</c> turn; a model without
/// these tokens reads calls as lines, and answers as the system's.
/// </summary>
internal sealed class PromptBuilder
{
    private readonly BpeTokenizer _tokenizer;
    private readonly int _system;
    private readonly int _user;
    private readonly int _assistant;
    private readonly int _tool;
    private readonly int _endOfTurn;
    private readonly int _contextLength;

    public PromptBuilder(GgufFile file, BpeTokenizer tokenizer, int contextLength)
    {
        _tokenizer = tokenizer;
        _contextLength = contextLength;
        _system = tokenizer.IdOf("<|system|>");
        _user = tokenizer.IdOf("<|user|>");
        _assistant = tokenizer.IdOf("<|assistant|>");
        _tool = tokenizer.FindControl("<|tool|>") ?? _system;
        _endOfTurn = tokenizer.IdOf("<|end|>");
        ToolCall = tokenizer.FindControl("<|tool_call|>");
        if (!file.Get<string>("tokenizer.chat_template").Contains("<|end|>", StringComparison.Ordinal))
        {
            throw new GgufException("The model's chat template is not the <|user|> … <|end|> one, which is the only one this engine writes.");
        }
    }

    /// <summary>The control token that begins a tool call; null when the model has none.</summary>
    public int? ToolCall { get; }

    /// <summary>Stands where nothing else does: something has to be read before anything can follow.</summary>
    public int Nothing => _endOfTurn;

    public List<int> Chat(IReadOnlyList<ChatMessage>? messages, IReadOnlyList<Tool> tools)
    {
        if (messages is not { Count: > 0 })
        {
            throw EngineException.Invalid("messages must have at least one message.", "messages");
        }

        var tokens = new List<int>();
        if (tools.Count > 0)
        {
            var lines = tools.Select(tool => Encoding.UTF8.GetString(JsonLiteral.Of(tool.Function)));
            AppendTurn(_system, "Tools:\n" + string.Join('\n', lines), [], tokens, "tools");
        }

        foreach (var message in messages)
        {
            string[] calls = message?.Role == "assistant" ? ReadCalls(message.ToolCalls) : [];
            AppendTurn(RoleToken(message?.Role), BodyReader.ReadContent(message!.Content, "messages"), calls, tokens, "messages");
        }

        tokens.Add(_assistant);
        Append("\n", tokens, "messages");
        return tokens;
    }

    /// <summary>Adds the tokens of a text; refuses one that cannot fit the context before spending time on it.</summary>
    public void Append(string text, List<int> tokens, string param)
    {
        var least = Encoding.UTF8.GetByteCount(text) / _tokenizer.LongestToken;
        if (tokens.Count + least > _contextLength)
        {
            throw EngineException.Overflow(tokens.Count + least, 1, _contextLength, param);
        }

        _tokenizer.Encode(text, tokens);
    }

    private void AppendTurn(int role, string text, string[] calls, List<int> tokens, string param)
    {
        tokens.Add(role);
        Append("\n" + text, tokens, param);
        for (var i = 0; i < calls.Length; i++)
        {
            if (ToolCall is { } marker)
            {
                tokens.Add(marker);
                Append(calls[i], tokens, param);
            }
            else
            {
                Append(i == 0 && text.Length == 0 ? calls[i] : CallText.Between + calls[i], tokens, param);
            }
        }

        tokens.Add(_endOfTurn);
        Append("\n", tokens, param);
    }

    /// <summary>Calls as the model would have written them.</summary>
    private static string[] ReadCalls(JsonElement calls) => calls.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        JsonValueKind.Array => [.. calls.EnumerateArray().Select(ReadCall)],
        _ => throw EngineException.Invalid("messages has tool_calls that are no list.", "messages"),
    };

    private static string ReadCall(JsonElement call)
    {
        var function = call.GetMember("function");
        var name = BodyReader.ReadText(function.GetMember("name"), "messages");
        var arguments = BodyReader.ReadText(function.GetMember("arguments"), "messages");
        return $"{CallText.BeforeName}{name}{CallText.AfterName}{Compact(arguments)}{CallText.End}";
    }

    private static string Compact(string arguments)
    {
        try
        {
            using var json = JsonDocument.Parse(arguments);
            return Encoding.UTF8.GetString(JsonLiteral.Of(json.RootElement));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Another model wrote it; what it meant is for this one to guess.
            return arguments;
        }
    }

    private int RoleToken(string? role) => role switch
    {
        "system" or "developer" => _system,
        "user" => _user,
        "assistant" => _assistant,
        "tool" => _tool,
        "function" => throw EngineException.Unsupported("This model calls functions as tools only.", "messages"),
        _ => throw EngineException.Invalid("messages has a role that is not system, developer, user, assistant or tool.", "messages"),
    };
}
