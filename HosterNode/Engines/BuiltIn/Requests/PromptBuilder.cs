using System.Text;
using System.Text.Json;
using ComputeShare.HosterNode.Engines.BuiltIn.Gguf;
using ComputeShare.HosterNode.Engines.BuiltIn.Tokenizing;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>
/// Prompts as tokens. Chats are written in the form that the file's <c>tokenizer.chat_template</c> says in jinja:
/// <c>&lt;|user|&gt;\n…&lt;|end|&gt;\n&lt;|assistant|&gt;\n</c>.
/// </summary>
internal sealed class PromptBuilder
{
    private readonly BpeTokenizer _tokenizer;
    private readonly int _system;
    private readonly int _user;
    private readonly int _assistant;
    private readonly int _endOfTurn;
    private readonly int _contextLength;

    public PromptBuilder(GgufFile file, BpeTokenizer tokenizer, int contextLength)
    {
        _tokenizer = tokenizer;
        _contextLength = contextLength;
        _system = tokenizer.IdOf("<|system|>");
        _user = tokenizer.IdOf("<|user|>");
        _assistant = tokenizer.IdOf("<|assistant|>");
        _endOfTurn = tokenizer.IdOf("<|end|>");
        if (!file.Get<string>("tokenizer.chat_template").Contains("<|end|>", StringComparison.Ordinal))
        {
            throw new GgufException("The model's chat template is not the <|user|> … <|end|> one, which is the only one this engine writes.");
        }
    }

    public List<int> Chat(RequestBody body)
    {
        if (body.Messages is not { Count: > 0 } messages)
        {
            throw EngineException.Invalid("messages must have at least one message.", "messages");
        }

        var tokens = new List<int>();
        foreach (var message in messages)
        {
            tokens.Add(RoleToken(message?.Role));
            Append("\n" + BodyReader.ReadContent(message!.Content, "messages"), tokens, "messages");
            tokens.Add(_endOfTurn);
            Append("\n", tokens, "messages");
        }

        tokens.Add(_assistant);
        Append("\n", tokens, "messages");
        return tokens;
    }

    public List<int> Completion(RequestBody body)
    {
        var prompt = body.Prompt;
        var tokens = new List<int>();
        if (prompt.ValueKind == JsonValueKind.Array && prompt.GetArrayLength() > 0 && prompt[0].ValueKind == JsonValueKind.Number)
        {
            tokens.AddRange(prompt.EnumerateArray().Select(ReadId));
        }
        else
        {
            var one = prompt.ValueKind == JsonValueKind.Array ? OnlyOne(prompt) : prompt;
            Append(BodyReader.ReadText(one, "prompt"), tokens, "prompt");
        }

        // Something has to be read before anything can follow.
        return tokens.Count > 0 ? tokens : [_endOfTurn];
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

    private int RoleToken(string? role) => role switch
    {
        "system" or "developer" => _system,
        "user" => _user,
        "assistant" => _assistant,
        "tool" or "function" => throw EngineException.Unsupported("This model calls no tools.", "messages"),
        _ => throw EngineException.Invalid("messages has a role that is not system, developer, user or assistant.", "messages"),
    };

    private static JsonElement OnlyOne(JsonElement prompts) => prompts.GetArrayLength() == 1
        ? prompts[0]
        : throw EngineException.Unsupported("This model takes one prompt at a time.", "prompt");

    private int ReadId(JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var id)
        && id >= 0 && id < _tokenizer.VocabularySize
        ? id
        : throw EngineException.Invalid("prompt has a token id that this model's vocabulary lacks.", "prompt");
}
