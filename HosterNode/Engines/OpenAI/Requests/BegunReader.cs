using System.Net;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.OpenAI.Profiles;
using ComputeShare.HosterNode.Engines.OpenAI.Streaming;

namespace ComputeShare.HosterNode.Engines.OpenAI.Requests;

/// <summary>
/// Prepares an engine to go on where another node ended. A completion goes on by the ids of its tokens, exactly. A chat can go on by its
/// text alone, so the engine is asked first whether the text has the same tokens here: where it has not, what follows would be another
/// text (ENGINES.md §3).
/// </summary>
internal sealed class BegunReader(EngineClient client, EngineProfile profile)
{
    // An engine would hold only what comes from here to a form, and would look for calls of tools in it alone.
    private static readonly string[] Forms = ["tools", "response_format"];

    /// <exception cref="EngineException">The engine cannot, or not this, or is lost.</exception>
    public async Task<Begun> ReadAsync(GenerateRequest request, EngineWork work, CancellationToken cancellationToken)
    {
        if (profile.Tokenizer is not { } tokenizer)
        {
            throw EngineException.Unsupported("This engine continues no streams of others.", "");
        }

        if (work.Choices > 1)
        {
            throw EngineException.Invalid("Only a request of one choice can be continued.", "n");
        }

        var (continuation, ids) = (request.Continuation, request.Continuation.TokenIds);
        if (work.PromptField == "prompt")
        {
            var prompt = work.Prompt.ValueKind == JsonValueKind.String
                ? await TokensAsync(work.Prompt.Text(), special: true)
                : [.. work.Prompt.Items().Select(id => (uint)(id.Count() ?? 0))];
            var written = ids.Count > 0 ? [.. ids] : await TokensAsync(continuation.Text, special: false);
            return new Begun(written.Length, "", [.. prompt, .. written]);
        }

        if (work.Fields.Intersect(Forms).FirstOrDefault() is { } form)
        {
            throw EngineException.Unsupported("This engine continues plain texts only.", form);
        }

        var tokens = continuation.Text.Length > 0 ? await TokensAsync(continuation.Text, special: false) : [];
        return ids.Count == 0 || tokens.AsSpan().SequenceEqual(ids.ToArray())
            ? new Begun(tokens.Length, continuation.Text, null)
            : throw EngineException.Unsupported("The text that is to be continued has other tokens here.", "");

        async Task<uint[]> TokensAsync(string text, bool special)
        {
            var answer = await AskAsync(tokenizer.Question(request.Model, text, special), cancellationToken);
            return answer is { Status: HttpStatusCode.OK, Body: { } body } && body.Get("tokens").ValueKind == JsonValueKind.Array
                ? [.. body.Get("tokens").Items().Select(id => (uint)(id.Count() ?? throw EngineFailures.Malformed()))]
                : throw EngineException.Unsupported("This engine does not tell a text's tokens.", "");
        }
    }

    private async Task<EngineAnswer> AskAsync(string question, CancellationToken cancellationToken)
    {
        try
        {
            return await client.AskAsync(EnginePaths.Tokenize, question, cancellationToken);
        }
        catch (Exception error) when (EngineFailures.IsLoss(error, cancellationToken))
        {
            throw EngineFailures.Lost();
        }
    }
}
