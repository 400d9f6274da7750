using ComputeShare.Tokenizing.Gguf;
using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.TinyModel.Text;
using ComputeShare.TinyModel.Training;

namespace ComputeShare.TinyModel;

/// <summary>Conversations as the tokens that the engine's own prompts and answers are made of.</summary>
internal sealed class ConversationEncoder(BpeTokenizer tokenizer)
{
    private readonly Dictionary<string, int[]> _pieces = new(StringComparer.Ordinal);

    public static ConversationEncoder Of(byte[] file) => new(BpeTokenizer.Read(GgufFile.Parse(file)));

    public Sample Encode(Conversation conversation)
    {
        var tokens = new List<int>();
        var isAnswer = new List<bool>();
        foreach (var turn in conversation.Turns)
        {
            if (turn.Role == Turn.Plain)
            {
                AppendText(turn.Text, tokens);
                tokens.Add(tokenizer.IdOf(ChatFormat.EndOfText));
                Mark(learn: true);
                continue;
            }

            tokens.Add(tokenizer.IdOf(ChatFormat.RoleToken(turn.Role)));
            AppendText("\n", tokens);
            Mark(learn: false);
            AppendText(turn.Text, tokens);
            foreach (var call in turn.Calls)
            {
                tokens.Add(tokenizer.IdOf(ChatFormat.ToolCall));
                AppendText(call, tokens);
            }

            tokens.Add(tokenizer.IdOf(ChatFormat.EndOfTurn));
            Mark(turn.IsLearned);
            AppendText("\n", tokens);
            Mark(learn: false);
        }

        return new Sample([.. tokens], [.. isAnswer]);

        void Mark(bool learn) => isAnswer.AddRange(Enumerable.Repeat(learn, tokens.Count - isAnswer.Count));
    }

    // Few pieces make up all of the text: each is merged once.
    private void AppendText(string text, List<int> tokens)
    {
        foreach (var piece in KnownPreTokenizers.OfGpt2.Split(text))
        {
            if (!_pieces.TryGetValue(piece, out var ids))
            {
                var merged = new List<int>();
                tokenizer.Encode(piece, merged);
                _pieces[piece] = ids = [.. merged];
            }

            tokens.AddRange(ids);
        }
    }
}
