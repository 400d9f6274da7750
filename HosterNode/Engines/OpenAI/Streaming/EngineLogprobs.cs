using System.Text;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>
/// Log-probabilities of a chunk: a list of tokens, as chats have it and llama.cpp's completions too; or four lists side by side, as
/// OpenAI's completions have it.
/// </summary>
internal static class EngineLogprobs
{
    public static IEnumerable<(TokenLogprob Token, int? Id)> In(JsonElement logprobs) =>
        logprobs.Get("tokens").ValueKind == JsonValueKind.Array ? SideBySide(logprobs) : logprobs.Get("content").Items().Select(Listed);

    private static (TokenLogprob Token, int? Id) Listed(JsonElement entry)
    {
        var token = Read(entry);
        token.Top.AddRange(entry.Get("top_logprobs").Items().Select(Read));
        return (token, entry.Get("id").Count());
    }

    private static IEnumerable<(TokenLogprob Token, int? Id)> SideBySide(JsonElement logprobs)
    {
        var values = logprobs.Get("token_logprobs").Items().ToArray();
        var tops = logprobs.Get("top_logprobs").Items().ToArray();
        var at = 0;
        foreach (var text in logprobs.Get("tokens").Items())
        {
            var token = Of(text, at < values.Length ? values[at] : default);
            if (at < tops.Length && tops[at].IsObject())
            {
                token.Top.AddRange(tops[at].EnumerateObject()
                    .Select(other => new TokenLogprob { Token = other.Name, Logprob = Number(other.Value), TokenBytes = ByteString.CopyFromUtf8(other.Name) })
                    .OrderByDescending(other => other.Logprob));
            }

            at++;
            yield return (token, null);
        }
    }

    private static TokenLogprob Read(JsonElement entry)
    {
        var token = Of(entry.Get("token"), entry.Get("logprob"));
        if (entry.Get("bytes") is { ValueKind: JsonValueKind.Array } bytes)
        {
            token.TokenBytes = ByteString.CopyFrom(
                [.. bytes.Items().Select(item => item.Count() is { } value and <= byte.MaxValue ? (byte)value : throw EngineFailures.Malformed())]);
        }

        return token;
    }

    private static TokenLogprob Of(JsonElement text, JsonElement logprob)
    {
        // The token of a half character; its bytes, where they come, say what it is.
        var token = new WholeText().Add(text);
        return new TokenLogprob { Token = token, Logprob = Number(logprob), TokenBytes = ByteString.CopyFrom(Encoding.UTF8.GetBytes(token)) };
    }

    private static float Number(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) ? number : 0;
}
