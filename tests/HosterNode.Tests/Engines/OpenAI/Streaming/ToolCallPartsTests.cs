using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Engines.OpenAI.Streaming;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Streaming;

/// <summary>The shapes in which engines stream tool calls, written down by hand.</summary>
public sealed class ToolCallPartsTests
{
    private const string Look = """{"a":"é 🎉"}""";

    public static TheoryData<string, string> OneCall => new()
    {
        { "fragments by index", """[{"index":0,"id":"c1","type":"function","function":{"name":"look","arguments":""}}]|[{"index":0,"function":{"arguments":"{\"a\":"}}]|[{"index":0,"function":{"arguments":"\"é 🎉\"}"}}]""" },
        { "whole in one delta", """[{"index":0,"id":"c1","type":"function","function":{"name":"look","arguments":"{\"a\":\"é 🎉\"}"}}]""" },
        { "id and name at each fragment", """[{"index":0,"id":"c1","function":{"name":"look","arguments":"{\"a\":"}}]|[{"index":0,"id":"c1","function":{"name":"look","arguments":"\"é 🎉\"}"}}]""" },
        { "no index", """[{"id":"c1","function":{"name":"look","arguments":"{\"a\":"}}]|[{"function":{"arguments":"\"é 🎉\"}"}}]""" },
        { "nulls", """[{"index":0,"id":"c1","function":{"name":"look","arguments":null}}]|[{"index":0,"id":null,"function":{"name":null,"arguments":"{\"a\":\"é 🎉\"}"}}]""" },
        { "arguments before the name", """[{"index":0,"id":"c1","function":{"arguments":"{\"a\":"}}]|[{"index":0,"function":{"name":"look","arguments":"\"é 🎉\"}"}}]""" },
        { "arguments that are JSON", """[{"index":0,"id":"c1","function":{"name":"look","arguments":{"a":"é 🎉"}}}]""" },
        { "an index that does not begin at 0", """[{"index":5,"id":"c1","function":{"name":"look","arguments":"{\"a\":"}}]|[{"index":5,"function":{"arguments":"\"é 🎉\"}"}}]""" },
        { "half a character in each fragment", """[{"index":0,"id":"c1","function":{"name":"look","arguments":"{\"a\":\"é \ud83c"}}]|[{"index":0,"function":{"arguments":"\udf89\"}"}}]""" },
    };

    [Theory]
    [MemberData(nameof(OneCall))]
    public void Add_OneCallInAnyShape_ComesOutClean(string shape, string chunks)
    {
        var parts = Read(chunks);

        Assert.True(parts.TrueForAll(part => part.Index == 0), shape);
        Assert.Equal(("c1", "look"), (parts[0].Id, parts[0].Name));
        Assert.All(parts.Skip(1), part => Assert.Equal(("", ""), (part.Id, part.Name)));
        Assert.Equal(Look, string.Concat(parts.Select(part => part.Arguments)));
    }

    [Theory]
    [InlineData("""[{"index":0,"id":"c1","function":{"name":"a","arguments":"{}"}}]|[{"index":1,"id":"c2","function":{"name":"b","arguments":"{}"}}]""")]
    [InlineData("""[{"index":0,"id":"c1","function":{"name":"a","arguments":"{}"}},{"index":0,"id":"c2","function":{"name":"b","arguments":"{}"}}]""")]
    [InlineData("""[{"id":"c1","function":{"name":"a","arguments":"{}"}}]|[{"id":"c2","function":{"name":"b","arguments":"{}"}}]""")]
    [InlineData("""[{"function":{"name":"a","arguments":"{}"}}]|[{"function":{"name":"b","arguments":"{}"}}]""")]
    [InlineData("""[{"index":0,"id":"c1","function":{"name":"a","arguments":"{"}},{"index":1,"id":"c2","function":{"name":"b","arguments":"{"}}]|[{"index":1,"function":{"arguments":"}"}},{"index":0,"function":{"arguments":"}"}}]""")]
    [InlineData("""[{"index":0,"id":"c1","function":{"name":"a"}}]|[{"index":1,"id":"c2","function":{"name":"b","arguments":""}}]""")]
    [InlineData("""[{"index":0,"id":"c2","function":{"arguments":"{"}}]|[{"index":1,"id":"c1","function":{"name":"a","arguments":"{}"}}]|[{"index":0,"function":{"name":"b","arguments":"}"}}]""")]
    public void Add_TwoCallsInAnyShape_AreNumberedAndWhole(string chunks)
    {
        var calls = Read(chunks).GroupBy(part => part.Index).OrderBy(call => call.Key).ToArray();

        Assert.Equal([0u, 1u], calls.Select(call => call.Key));
        Assert.Equal(["a", "b"], calls.Select(call => call.First().Name));
        Assert.All(calls, call => Assert.Equal("{}", string.Concat(call.Select(part => part.Arguments))));
    }

    [Theory]
    [InlineData("""[{"index":0,"id":"c1","function":{"arguments":"{}"}}]""")]
    [InlineData("""["look"]""")]
    [InlineData("""[{"index":0,"id":"c1","function":{"name":"look","arguments":7}}]""")]
    public void Add_WhatIsNoCall_IsTheEnginesError(string chunks) => Assert.Throws<EngineException>(() => Read(chunks));

    [Fact]
    public void Add_ArgumentsCutAnywhere_ComeOutWhole() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var chunks = new List<string> { """[{"index":0,"id":"c1","function":{"name":"look","arguments":""}}]""" };
        for (var at = 0; at < Look.Length;)
        {
            var length = Math.Min(random.Next(1, 4), Look.Length - at);
            // Halves of a surrogate pair as escapes, as an engine that cuts between them writes them.
            var piece = string.Concat(Look.Substring(at, length).Select(character => $"\\u{(int)character:x4}"));
            chunks.Add($$$"""[{"index":0,"function":{"arguments":"{{{piece}}}"} }]""");
            at += length;
        }

        return string.Concat(Read(string.Join('|', chunks)).Select(part => part.Arguments)) == Look;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static List<ToolCallDelta> Read(string chunks)
    {
        var calls = new ToolCallParts();
        var output = new List<ToolCallDelta>();
        foreach (var chunk in chunks.Split('|'))
        {
            using var json = JsonDocument.Parse(chunk);
            calls.Add(json.RootElement, output);
        }

        calls.Complete(output);
        return output;
    }
}
