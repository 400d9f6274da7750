using System.Text;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn.Text;

public sealed class DeltaAssemblerTests
{
    private static readonly string[] Pieces = ["a", "b", "ab", "stop", "st", "op", "é", "日本", "🎉", "👩‍👧", " ", "\n"];

    [Fact]
    public void Add_TextCutAnywhere_ComesOutWholeInWholeCharacters() => Prop.ForAll(Cuts().ToArbitrary(), sample =>
    {
        var deltas = Run(sample.Tokens, []);

        return string.Concat(deltas.Select(delta => delta.Text)) == sample.Text
            && deltas.TrueForAll(delta => !delta.Text.Contains('\ufffd', StringComparison.Ordinal) && IsWellFormed(delta.Text))
            && deltas.Sum(delta => delta.TokenCount) == sample.Tokens.Length
            && PositionsAreInOrder(deltas);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Add_StopStringsInTextCutAnywhere_NeverShowsThem() => Prop.ForAll(Cuts().ToArbitrary(), sample =>
    {
        string[] stops = ["stop", "b🎉", "日本a"];
        var deltas = Run(sample.Tokens, stops);

        var first = stops.Select(stop => sample.Text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(sample.Text.Length).Min();
        return string.Concat(deltas.Select(delta => delta.Text)) == sample.Text[..first];
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Add_ACharacterSplitOverTokens_ComesWithItsLast()
    {
        var bytes = Encoding.UTF8.GetBytes("🎉");
        var assembler = new DeltaAssembler(0, 5, []);

        Assert.All(bytes[..3], value => Assert.Null(assembler.Add(value, [value], null)));
        var delta = assembler.Add(bytes[3], [bytes[3]], null);

        Assert.Equal(("🎉", 4u, 5u), (delta!.Text, delta.TokenCount, delta.Position));
        Assert.Equal(bytes.Select(value => (uint)value), delta.TokenIds);
    }

    [Fact]
    public void Complete_WithinACharacter_DropsItsBytesAndCountsItsTokens()
    {
        var assembler = new DeltaAssembler(0, 0, []);
        assembler.Add(1, [0xe6], null);
        assembler.Add(2, [0x97], null);

        var delta = assembler.Complete();

        Assert.Equal(("", 2u), (delta!.Text, delta.TokenCount));
    }

    [Fact]
    public void Complete_BeginningOfAStopString_IsShown()
    {
        var assembler = new DeltaAssembler(0, 0, ["stop"]);

        Assert.Null(assembler.Add(1, "sto"u8, null));
        Assert.Equal("sto", assembler.Complete()!.Text);
        Assert.False(assembler.IsStopped);
    }

    private static List<Delta> Run(byte[][] tokens, string[] stops)
    {
        var assembler = new DeltaAssembler(0, 0, stops);
        var deltas = new List<Delta?>();
        for (var i = 0; i < tokens.Length && !assembler.IsStopped; i++)
        {
            deltas.Add(assembler.Add(i, tokens[i], null));
        }

        deltas.Add(assembler.IsStopped ? null : assembler.Complete());
        return deltas.OfType<Delta>().ToList();
    }

    private static bool PositionsAreInOrder(List<Delta> deltas)
    {
        var position = 0u;
        return deltas.TrueForAll(delta => delta.Position == position && (position += delta.TokenCount) > 0);
    }

    private static bool IsWellFormed(string text) => text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar);

    /// <summary>Text, cut into tokens at any bytes.</summary>
    private static Gen<Sample> Cuts() =>
        from pieces in Gen.Elements(Pieces).ArrayOf()
        let text = string.Concat(pieces)
        let bytes = Encoding.UTF8.GetBytes(text)
        from lengths in Gen.Choose(1, 5).ArrayOf(bytes.Length + 1)
        select new Sample(text, Cut(bytes, lengths));

    private static byte[][] Cut(byte[] bytes, int[] lengths)
    {
        var tokens = new List<byte[]>();
        for (var at = 0; at < bytes.Length; at += tokens[^1].Length)
        {
            tokens.Add(bytes.AsSpan(at, Math.Min(lengths[tokens.Count], bytes.Length - at)).ToArray());
        }

        return [.. tokens];
    }

    private sealed record Sample(string Text, byte[][] Tokens);
}
