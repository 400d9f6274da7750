using System.Text;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Engines.OpenAI.Streaming;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Streaming;

public sealed class SseReaderTests
{
    private static readonly string[] Lines =
        ["data: {\"a\":\"é🎉\"}", "data:x", "data", "data: ", ": ping", "event: message", "event: error", "id: 7", "", "", "", "dataset: no", "data: [DONE]"];

    [Fact]
    public void Read_BytesCutAnywhere_GivesTheSameEvents() => Prop.ForAll(Samples().ToArbitrary(), sample =>
    {
        var whole = ReadAll(sample.Bytes, [sample.Bytes.Length]);

        return whole.SequenceEqual(Expected(sample.Text)) && whole.SequenceEqual(ReadAll(sample.Bytes, sample.Cuts));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Theory]
    [InlineData("\uFEFFdata: a\n\n", "a")]
    [InlineData("data: a\r\n\r\ndata: b\r\r", "a|b")]
    [InlineData("data: a\ndata: b\n\n", "a\nb")]
    [InlineData("data: [DONE]", "[DONE]")]
    [InlineData("event: error\ndata: {}\n\ndata: c\n\n", "!{}|c")]
    [InlineData("event: error\n\ndata: c\n\n", "c")]
    [InlineData(": keep-alive\n\n\n\n", "")]
    public void Read_AStream_GivesItsEvents(string stream, string events) =>
        Assert.Equal(events, string.Join('|', ReadAll(Encoding.UTF8.GetBytes(stream), [1])));

    [Fact]
    public void Read_ALineWithoutEnd_IsAFailure() =>
        Assert.Throws<EngineException>(() => ReadAll(new byte[(2 * SseReader.MostBytes) + 1], [8000]));

    [Fact]
    public void Read_AnEventWithoutEnd_IsAFailure()
    {
        var line = "data: " + new string('x', 10_000) + "\n";
        var stream = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line, 200)));

        Assert.Throws<EngineException>(() => ReadAll(stream, [5000]));
    }

    private static Gen<Sample> Samples() =>
        from lines in Gen.ListOf(Gen.Elements(from line in Lines from end in new[] { "\n", "\r\n", "\r" } select line + end))
        from cuts in Gen.NonEmptyListOf(Gen.Choose(1, 12))
        select new Sample(string.Concat(lines), [.. cuts]);

    /// <summary>The plain reading of the rules, of a text that is there as a whole.</summary>
    private static List<string> Expected(string text)
    {
        var events = new List<string>();
        List<string> data = [];
        var error = "";
        string[] lines = [.. text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n'), ""];
        foreach (var line in lines)
        {
            var (field, value) = line.Split(':', 2) is [var name, var rest] ? (name, rest.StartsWith(' ') ? rest[1..] : rest) : (line, "");
            if (line.Length == 0)
            {
                if (data.Count > 0)
                {
                    events.Add(error + string.Join('\n', data));
                }

                data = [];
                error = "";
            }
            else if (field == "data")
            {
                data.Add(value);
            }
            else if (field == "event")
            {
                error = value == "error" ? "!" : "";
            }
        }

        return events;
    }

    private static List<string> ReadAll(byte[] bytes, int[] cuts)
    {
        var events = new List<string>();
        var reader = new SseReader(new CutStream(bytes, cuts));
        // A CutStream never waits, so neither does this.
        while (reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult())
        {
            events.Add((reader.IsError ? "!" : "") + Encoding.UTF8.GetString(reader.Data.Span));
        }

        return events;
    }

    private sealed record Sample(string Text, int[] Cuts)
    {
        public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(Text);
    }

    /// <summary>Gives its bytes in pieces of these lengths, over and over.</summary>
    private sealed class CutStream(byte[] bytes, int[] cuts) : MemoryStream(bytes)
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, cuts[_reads++ % cuts.Length])], cancellationToken);
    }
}
