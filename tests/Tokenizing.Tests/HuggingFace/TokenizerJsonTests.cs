using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.Tokenizing.Gguf;
using ComputeShare.Tokenizing.HuggingFace;
using ComputeShare.Tokenizing.Tests.Vocabularies;

namespace ComputeShare.Tokenizing.Tests.HuggingFace;

public sealed class TokenizerJsonTests
{
    private const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Fact]
    public void Parse_ASplitPattern_GivesTheTokensOfTheGgufThatNamesIt()
    {
        var json = ByteLevel($$"""
            {"type":"Sequence","pretokenizers":[
                {"type":"Split","pattern":{"Regex":{{JsonSerializer.Serialize(Llama3Pattern)}}},"behavior":"Isolated","invert":false},
                {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}
            """, ignoreMerges: true);

        RequireSame(TrainedVocabulary.Bytes("llama-bpe"), json);
    }

    [Fact]
    public void Parse_ByteLevelWithItsOwnPattern_GivesTheTokensOfGpt2() =>
        RequireSame(TrainedVocabulary.Bytes("gpt-2"), ByteLevel("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}"""));

    [Fact]
    public void Parse_DigitsOneByOne_GivesTheTokensOfStarCoder() => RequireSame(TrainedVocabulary.Bytes("starcoder"), ByteLevel("""
        {"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]}
        """));

    [Fact]
    public void Parse_AddedTokens_AreWholeUnlessSpecial()
    {
        var tokenizer = Parse(ByteLevel("""{"type":"ByteLevel","add_prefix_space":false}""", added: """
            [{"id":9000,"content":"river Hello","special":false},{"id":9001,"content":"<|control|>","special":true}]
            """));

        Assert.Equal([9000], Encode(tokenizer, "river Hello"));
        Assert.DoesNotContain(9001, Encode(tokenizer, "<|control|>"));
    }

    [Theory]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""", "null")]
    [InlineData("null", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}""")]
    public void Parse_PiecesByMerges_JoinsInTheirOrder(string normalizer, string preTokenizer)
    {
        var tokenizer = Parse($$"""
            {"added_tokens":[{"id":0,"content":"<unk>","special":true}],"normalizer":{{normalizer}},"pre_tokenizer":{{preTokenizer}},
             "model":{"type":"BPE","byte_fallback":true,"unk_token":"<unk>","vocab":{{PieceVocabulary}},"merges":["a b","▁ a","▁a b","b c"] } }
            """);

        // a+b is the best merge, so that ▁ab is only reached from ▁ + ab, which is none.
        Assert.Equal(["▁", "ab", "c"], Texts(tokenizer, "abc"));
        Assert.Equal(["▁a", "▁a"], Texts(tokenizer, "a a"));
        Assert.Equal(["▁", "bc", "<0xC3>", "<0xA9>"], Texts(tokenizer, "bcé"));
    }

    [Theory]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{}}}""", "WordPiece")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[]}}""", "Unigram")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>"}}""", "end_of_word_suffix")]
    [InlineData("""{"normalizer":{"type":"Lowercase"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "Lowercase")]
    [InlineData("""{"pre_tokenizer":{"type":"Whitespace"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "Whitespace")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[\\p{L}&&[^a]]+"},"behavior":"Isolated"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "pattern")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"a"},"behavior":"MergedWithNext"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "MergedWithNext")]
    [InlineData("[]", "tokenizer.json")]
    [InlineData("PK", "tokenizer.json")]
    public void Parse_WhatIsNotKnown_NamesIt(string json, string name) =>
        Assert.Contains(name, Assert.Throws<TokenizerException>(() => Parse(json)).Message, StringComparison.Ordinal);

    private const string PieceVocabulary =
        """{"<unk>":0,"▁":1,"a":2,"b":3,"c":4,"ab":5,"▁a":6,"▁ab":7,"bc":8,"<0xC3>":9,"<0xA9>":10}""";

    private static readonly string[] PieceTexts = ["<unk>", "▁", "a", "b", "c", "ab", "▁a", "▁ab", "bc", "<0xC3>", "<0xA9>"];

    private static IEnumerable<string> Texts(TextTokenizer tokenizer, string text) => Encode(tokenizer, text).Select(id => PieceTexts[id]);

    private static void RequireSame(byte[] gguf, string json)
    {
        var (expected, actual) = (TokenizerFile.Of(GgufFile.Parse(gguf)), Parse(json));
        var source = new MixedText(seed: 5);
        for (var round = 0; round < 200; round++)
        {
            var text = source.Next(12);
            Assert.Equal(Encode(expected, text), Encode(actual, text));
        }
    }

    private static string ByteLevel(string preTokenizer, bool ignoreMerges = false, string added = "[]")
    {
        var (symbols, merges) = TrainedVocabulary.OfBytes.Value;
        var vocabulary = new JsonObject();
        foreach (var token in Enumerable.Range(0, 256).Select(value => ByteAlphabet.Write([(byte)value])).Concat(symbols))
        {
            vocabulary.Add(token, vocabulary.Count);
        }

        var pairs = new JsonArray([.. merges.Select(merge => new JsonArray(merge.Left, merge.Right))]);
        return $$"""
            {"version":"1.0","added_tokens":{{added}},"normalizer":{"type":"NFC"},"pre_tokenizer":{{preTokenizer}},
             "model":{"type":"BPE","ignore_merges":{{(ignoreMerges ? "true" : "false")}},"vocab":{{vocabulary.ToJsonString()}},"merges":{{pairs.ToJsonString()}} } }
            """;
    }

    private static TextTokenizer Parse(string json) => TokenizerJson.Parse(Encoding.UTF8.GetBytes(json));

    private static List<int> Encode(TextTokenizer tokenizer, string text)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        return tokens;
    }
}
