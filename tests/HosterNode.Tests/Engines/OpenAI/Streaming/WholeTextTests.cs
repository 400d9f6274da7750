using System.Globalization;
using System.Text;
using System.Text.Json;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Engines.OpenAI.Streaming;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Streaming;

public sealed class WholeTextTests
{
    private static readonly string[] Pieces = ["a", "\"", "\\", "\n", "é", "日本", "🎉", "👩‍👧", "\u0001", "/"];

    [Fact]
    public void Add_EscapesCutWithinPairs_GivesTheTextInWholeCharacters() => Prop.ForAll(Samples().ToArbitrary(), sample =>
    {
        var whole = new WholeText();
        var got = sample.Text.Chunk(sample.Cut).Select(piece => whole.Add(Parse(Encoding.ASCII.GetBytes(Escaped(piece))))).ToArray();

        return string.Concat(got) == sample.Text && got.All(IsWellFormed);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Add_BytesCutWithinCharacters_GivesTheTextInWholeCharacters() => Prop.ForAll(Samples().ToArbitrary(), sample =>
    {
        var text = sample.Text.Replace("\"", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal)
            .Replace("\n", "", StringComparison.Ordinal).Replace("\u0001", "", StringComparison.Ordinal);
        var whole = new WholeText();
        var got = Encoding.UTF8.GetBytes(text).Chunk(sample.Cut).Select(piece => whole.Add(Parse([(byte)'"', .. piece, (byte)'"']))).ToArray();

        return string.Concat(got) == text && got.All(IsWellFormed);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [InlineData("\"\\ud83c x\"", "\uFFFD x")]
    [InlineData("\"\\udf89\"", "\uFFFD")]
    [InlineData("\"\\b\\f\\n\\r\\t\\/\\\\\\\"\\u00e9\"", "\b\f\n\r\t/\\\"é")]
    [InlineData("null", "")]
    public void Add_OnePiece_GivesWhatItSays(string json, string text) => Assert.Equal(text, new WholeText().Add(Parse(Encoding.UTF8.GetBytes(json))));

    [Fact]
    public void Add_ANumber_IsAFailure() => Assert.Throws<EngineException>(() => new WholeText().Add(Parse("7"u8.ToArray())));

    private static Gen<Sample> Samples() =>
        from pieces in Gen.ListOf(Gen.Elements(Pieces))
        from cut in Gen.Choose(1, 5)
        select new Sample(string.Concat(pieces), cut);

    private static string Escaped(char[] piece) =>
        $"\"{string.Concat(piece.Select(c => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture)))}\"";

    private static JsonElement Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static bool IsWellFormed(string text) => text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar);

    private sealed record Sample(string Text, int Cut);
}
