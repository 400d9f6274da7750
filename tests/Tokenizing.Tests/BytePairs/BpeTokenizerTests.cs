using System.Text;
using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.Tokenizing.Gguf;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.Tokenizing.Tests.BytePairs;

public sealed class BpeTokenizerTests
{
    private static readonly BpeTokenizer Tokenizer = BpeTokenizer.Read(GgufFile.Parse(CommittedModel.Bytes));

    // Words of the training text, spaces, marks, and characters of one to four bytes.
    private static readonly string[] Pieces =
        [" the", "river", "'s", "don't", " ", "  ", "\n", "\t", "7", "42", "é", "ß", "日", "本", "🎉", "👩‍👩‍👧", "𝐀", "𝟙", "\u00a0", "\0", "<|end|>", "\ufffd"];

    [Fact]
    public void Encode_AnyUnicode_DecodesToTheSame() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => text is null || RoundTrips(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_MixedScripts_DecodesToTheSame() =>
        Prop.ForAll(Gen.Elements(Pieces).ArrayOf().ToArbitrary(), pieces => RoundTrips(string.Concat(pieces))).QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_RandomBytesAsText_DecodesToTheSame() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => RoundTrips(Encoding.UTF8.GetString(bytes))).QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_TextOfASpecialToken_StaysText()
    {
        var tokens = Encode("<|end|>");

        Assert.DoesNotContain(Tokenizer.IdOf("<|end|>"), tokens);
        Assert.All(tokens, token => Assert.True(Tokenizer.IsText(token)));
    }

    [Fact]
    public void BytesOf_AControlToken_AreNone() => Assert.Equal(0, Tokenizer.BytesOf(Tokenizer.IdOf("<|user|>")).Length);

    [Fact]
    public void BytesOf_TheByteTokens_AreAllBytes() =>
        Assert.Equal(256, Enumerable.Range(0, Tokenizer.VocabularySize)
            .Where(id => Tokenizer.BytesOf(id).Length == 1).Select(id => Tokenizer.BytesOf(id)[0]).Distinct().Count());

    private static bool RoundTrips(string text) =>
        Encode(text).SelectMany(token => Tokenizer.BytesOf(token).ToArray()).SequenceEqual(Encoding.UTF8.GetBytes(text));

    private static List<int> Encode(string text)
    {
        var tokens = new List<int>();
        Tokenizer.Encode(text, tokens);
        return tokens;
    }
}
