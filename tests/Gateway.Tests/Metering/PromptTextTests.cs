using System.Text;
using System.Text.Json;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.OpenAI.Chat;
using ComputeShare.Gateway.OpenAI.Embeddings;

namespace ComputeShare.Gateway.Tests.Metering;

public sealed class PromptTextTests
{
    private static readonly ModelMeter Tiny = new(TinyTokenizer.Instance, TokensPerMessage: 4, TokensPerRequest: 2);

    [Fact]
    public void Size_OfAChat_IsThePublishedFormula()
    {
        var prompt = Chat(
            """
            {"model":"auto","messages":[
              {"role":"system","content":"Be brief."},
              {"role":"user","name":"Ada","content":[{"type":"text","text":"Find"},{"type":"text","text":" a bird"}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"call-1","type":"function","function":{"name":"find","arguments":"{\"bird\":1}"}}]},
              {"role":"tool","tool_call_id":"call-1","content":"owl"}],
             "tools":[{"type":"function","function":{"name":"find","description":"Finds.","parameters":{ "type" : "object" }}}]}
            """);

        var texts = new[] { "Be brief.", "Ada", "Find", " a bird", "find", "{\"bird\":1}", "owl", "find", "Finds.", "{\"type\":\"object\"}" };
        var expected = (uint)texts.Sum(text => TinyTokenizer.Count(text)) + (5 * 4) + 2;
        Assert.Equal(new PromptSize(expected, expected, expected, IsCounted: true), prompt.Size(Tiny));
    }

    [Fact]
    public void Size_WithoutATokenizer_IsBounds() => Assert.Equal(Hello.Bounds, Hello.Size(ModelMeter.Unknown));

    [Fact]
    public void Billed_OfACountedPrompt_IsNothingThatANodeSays() =>
        Assert.Equal(Hello.Size(Tiny).Likely, Hello.Size(Tiny).Billed(new Contracts.Inference.EngineUsage { PromptTokens = 5000 }));

    [Fact]
    public void Size_WithImages_IsNotCountedAndHasTheTextAtLeast()
    {
        var text = Hello.Size(Tiny).Likely;
        var size = PromptText.OfMessages(["Hello"], 1, images: 1).Size(Tiny);

        Assert.Equal((text, false), (size.AtLeast, size.IsCounted));
        Assert.InRange(size.Billed(new Contracts.Inference.EngineUsage { PromptTokens = 100_000 }), text + 1, text + 8192);
    }

    [Fact]
    public void Size_OfSeveralTexts_IsTheirSumAndNeedsAWindowForTheLongest()
    {
        using var body = JsonDocument.Parse("""{"model":"auto","input":["The river","The river runs to the sea"]}""");
        var size = EmbeddingRequestReader.Read(body.RootElement).Prompt.Size(Tiny);

        Assert.Equal((TinyTokenizer.Count("The river runs to the sea"), TinyTokenizer.Count("The river") + TinyTokenizer.Count("The river runs to the sea")), (size.AtLeast, size.Likely));
    }

    [Fact]
    public void Size_OfTokenIds_IsAsManyAsThereAre() =>
        Assert.Equal(new PromptSize(5, 8, 8, IsCounted: true), PromptText.OfTokens([3, 5]).Size(Tiny));

    [Fact]
    public void Either_OfTwoModels_IsWhatHoldsForBoth()
    {
        var either = PromptSize.Either(Hello.Size(Tiny), Hello.Bounds);

        Assert.False(either.IsCounted);
        Assert.Equal((Hello.Bounds.AtLeast, Hello.Bounds.AtMost), (either.AtLeast, either.AtMost));
    }

    [Theory]
    [InlineData("computeshare/tiny", 1)]
    [InlineData("TINY", 1)]
    [InlineData("auto", 2)]
    [InlineData("hoster/own", 1)]
    public void Candidates_OfAName_AreTheModelsItMayMean(string name, int count)
    {
        var table = new MeterTable([("computeshare/tiny", ["tiny"], Tiny), ("org/big", [], ModelMeter.Unknown)]);

        Assert.Equal(count, table.Candidates([name]).Count);
        Assert.Same(ModelMeter.Unknown, table.Of("hoster/own"));
        Assert.Same(Tiny, table.Of("computeshare/tiny"));
    }

    [Theory]
    [InlineData(100, 100, 0, 100)]
    [InlineData(100, 101, 0, 101)]
    [InlineData(100, 101, 1, 100)]
    [InlineData(100, 110, 2, 108)]
    [InlineData(100, 90, 1, 90)]
    public void Claim_EndsThatTheEngineMayCount_AreAllowed(uint counted, uint reported, uint ends, uint expected) =>
        Assert.Equal(new CountClaim(counted, expected), CountClaim.Of(counted, reported, ends));

    private static PromptText Hello => PromptText.OfMessages(["Hello"], 1);

    private static PromptText Chat(string json)
    {
        using var body = JsonDocument.Parse(Encoding.UTF8.GetBytes(json));
        return ChatRequestReader.Read(body.RootElement).Prompt;
    }
}
