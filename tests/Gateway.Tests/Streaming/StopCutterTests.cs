using ComputeShare.Gateway.Streaming;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.Gateway.Tests.Streaming;

public sealed class StopCutterTests
{
    // Few characters, so that stops and their beginnings occur often; an emoji for its surrogate pair.
    private static readonly Gen<string> Texts = Gen.Elements("a", "b", "ab", "😀", "é").ArrayOf().Select(string.Concat);

    private static readonly Gen<string[]> Stops = Texts.Where(stop => stop.Length > 0).ArrayOf().Select(stops => stops.Take(4).ToArray());

    [Fact]
    [Trait("Wire", "31")]
    public void Text_CutAnywhere_IsTheSameUpToTheFirstStop() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1000),
        Prop.ForAll(
            Arb.From(from text in Texts from stops in Stops from cuts in Gen.Choose(1, 3).ArrayOf() select (text, stops, cuts)),
            sample => Cut(sample.text, sample.stops, sample.cuts) == Whole(sample.text, sample.stops)));

    [Fact]
    [Trait("Wire", "41")]
    public void Pieces_OfACutText_NeverEndInHalfACharacter() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1000),
        Prop.ForAll(
            Arb.From(from text in Texts from stops in Stops from cuts in Gen.Choose(1, 3).ArrayOf() select (text, stops, cuts)),
            sample => Pieces(sample.text, sample.stops, sample.cuts).All(piece => piece.Length == 0 || !char.IsHighSurrogate(piece[^1]))));

    [Fact]
    public void Text_BeginningOfAStopAtTheEnd_ComesOutWithTheEnd()
    {
        var cutter = new StopCutter(["END"]);

        Assert.Equal("One ", cutter.Push("One EN"));
        Assert.Equal("EN", cutter.End());
        Assert.False(cutter.Stopped);
    }

    private static string Whole(string text, string[] stops) =>
        text[..stops.Select(stop => (At: text.IndexOf(stop, StringComparison.Ordinal), stop.Length))
            .Where(found => found.At >= 0)
            .OrderBy(found => found.At + found.Length).ThenBy(found => found.At)
            .Select(found => found.At)
            .FirstOrDefault(text.Length)];

    private static string Cut(string text, string[] stops, int[] cuts) => string.Concat(Pieces(text, stops, cuts));

    private static List<string> Pieces(string text, string[] stops, int[] cuts)
    {
        var cutter = new StopCutter(stops);
        var pieces = new List<string>();
        for (int at = 0, cut = 0; at < text.Length; cut++)
        {
            var length = Math.Min(cuts.Length == 0 ? text.Length : cuts[cut % cuts.Length], text.Length - at);
            pieces.Add(cutter.Push(text.Substring(at, length)));
            at += length;
        }

        pieces.Add(cutter.End());
        return pieces;
    }
}
