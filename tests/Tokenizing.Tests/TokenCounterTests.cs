using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.Tokenizing.Gguf;
using ComputeShare.Tokenizing.Tests.Vocabularies;

namespace ComputeShare.Tokenizing.Tests;

public sealed class TokenCounterTests
{
    public static TheoryData<string> Vocabularies => [.. KnownPreTokenizers.Names.Append("pieces").Append("added").Append("added pieces")];

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Count_AfterEachPieceOfAStream_IsThatOfTheTextSoFar(string name)
    {
        var tokenizer = Read(name);
        var source = new MixedText(seed: 3);
        var chance = new Random(4);
        for (var round = 0; round < 30; round++)
        {
            var text = source.Next(20);
            var counter = new TokenCounter(tokenizer);
            for (var sent = 0; sent < text.Length;)
            {
                // A piece has whole characters: a node sends no halves.
                var end = Math.Min(text.Length, sent + chance.Next(1, 9));
                end += end < text.Length && char.IsLowSurrogate(text[end]) ? 1 : 0;
                var before = counter.Settled;
                counter.Append(text.AsSpan(sent, end - sent));
                sent = end;

                Assert.Equal(Encode(tokenizer, text[..sent]), counter.Count);
                Assert.InRange(counter.Settled, before, counter.Count);
            }
        }
    }

    [Fact]
    public void Count_OfTextWithoutAPlaceToCut_DoesNotDependOnHowItCame()
    {
        var tokenizer = Read("llama-bpe");
        var text = new string('a', 5000);
        var inOne = TokenCounter.CountOf(tokenizer, text);
        var counter = new TokenCounter(tokenizer);
        foreach (var character in text)
        {
            counter.Append([character]);
        }

        Assert.Equal(inOne, counter.Count);
        // Each of the ten sections costs a token more at the most.
        Assert.InRange(inOne, Encode(tokenizer, text), Encode(tokenizer, text) + 10);
    }

    [Fact]
    public void Count_OfNothing_IsNone() => Assert.Equal(0, TokenCounter.CountOf(Read("pieces"), ""));

    [Fact]
    public void IsBetween_WordsOfOrdinaryText_IsTrue()
    {
        foreach (var name in KnownPreTokenizers.Names)
        {
            var cuts = Read(name).Cuts;
            Assert.True(cuts.IsBetween('a', ' ') && cuts.IsBetween('語', '。') && cuts.IsBetween('x', '('), name);
            Assert.False(cuts.IsBetween('a', 'b') || cuts.IsBetween(' ', ' ') || cuts.IsBetween('n', '\''), name);
        }
    }

    private static TextTokenizer Read(string name) => TokenizerFile.Of(GgufFile.Parse(name switch
    {
        "pieces" => TrainedVocabulary.Characters(),
        "added pieces" => TrainedVocabulary.Characters(withWholes: true),
        "added" => TrainedVocabulary.Bytes("qwen2", withWholes: true),
        _ => TrainedVocabulary.Bytes(name),
    }));

    private static int Encode(TextTokenizer tokenizer, string text)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        return tokens.Count;
    }
}
