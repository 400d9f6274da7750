using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Streaming;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.Gateway.Tests.Metering;

/// <summary>A choice of a model whose tokenizer is known: what its node says of its tokens is nothing to the bill.</summary>
public sealed class CountedChoiceTests
{
    private const string Poem = "The river runs to the sea, and the garden sleeps; don't wake it.\nÜber 123 birds 🎉 sing.";

    [Fact]
    public void Tokens_OfAnyPieces_AreThoseOfTheTextSoFar() => Prop.ForAll(
        Gen.Choose(1, 5).ListOf().ToArbitrary(),
        lengths =>
        {
            var choice = Choice();
            var sent = 0;
            foreach (var length in lengths)
            {
                var end = Math.Min(Poem.Length, sent + length);
                end += end < Poem.Length && char.IsLowSurrogate(Poem[end]) ? 1 : 0;
                choice.Push(new Delta { Text = Poem[sent..end], TokenCount = 1000 });
                sent = end;
                if (choice.Tokens != TinyTokenizer.Count(Poem[..sent]) || choice.CertainTokens > choice.Tokens)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Tokens_OfReasoningContentAndCalls_AreTextsOfTheirOwn()
    {
        var choice = new ChoiceText(0, [], null, new ToolCalls("id"), TinyTokenizer.Instance);

        choice.Push(new Delta { Reasoning = "The river" });
        choice.Push(new Delta { Text = "The sea" });
        choice.Push(new Delta { ToolCalls = { new ToolCallDelta { Name = "find_bird", Arguments = "{\"bird\":" } } });
        choice.Push(new Delta { ToolCalls = { new ToolCallDelta { Index = 1, Name = "sing", Arguments = "{}" } } });
        choice.Push(new Delta { ToolCalls = { new ToolCallDelta { Arguments = "\"owl\"}" } } });

        var expected = new[] { "The river", "The sea", "find_bird", "{\"bird\":\"owl\"}", "sing", "{}" }.Sum(text => (long)TinyTokenizer.Count(text));
        Assert.Equal(expected, choice.Tokens);
        Assert.Equal(TinyTokenizer.Count("The river"), choice.ReasoningTokens);
    }

    [Fact]
    public void Push_NodeThatSaysTenTimesAsMany_IsNotCutShort()
    {
        var choice = Choice(maxTokens: TinyTokenizer.Count(Poem));

        Assert.Equal(Poem, string.Concat(Poem.Split(' ').Select((word, index) => choice.Push(new Delta { Text = index == 0 ? word : " " + word, TokenCount = 10 }).Content)));
        Assert.Null(choice.FinishReason);
        Assert.Equal(TinyTokenizer.Count(Poem), choice.Tokens);
    }

    [Fact]
    [Trait("Wire", "32")]
    public void Push_TextBeyondMaxTokens_IsNotSentAndNotPaid()
    {
        var most = TinyTokenizer.Count("One two");
        var choice = Choice(most);

        choice.Push(new Delta { Text = "One" });
        choice.Push(new Delta { Text = " two" });
        var third = choice.Push(new Delta { Text = " three" });

        Assert.True(third.IsEmpty);
        Assert.Equal(("length", most, true), (choice.FinishReason, choice.Tokens, choice.WasCut));
    }

    [Fact]
    public void Push_FrameThatCrossesMaxTokens_GoesOutAndIsPaidUpToThem()
    {
        var choice = Choice(maxTokens: 3);

        var piece = choice.Push(new Delta { Text = Poem, TokenCount = 1 });

        Assert.Equal((Poem, 3u), (piece.Content, choice.Tokens));
        Assert.True(choice.Push(new Delta { Text = "!" }).IsEmpty);
    }

    [Fact]
    public void Push_FramesWithoutText_EndByTheNodesOwnCount()
    {
        var choice = Choice(maxTokens: 2);

        choice.Push(new Delta { TokenCount = 1 });
        choice.Push(new Delta { TokenCount = 1 });
        Assert.Null(choice.FinishReason);
        choice.Push(new Delta { TokenCount = 1 });

        Assert.Equal(("length", 0u), (choice.FinishReason, choice.Tokens));
    }

    private static ChoiceText Choice(uint? maxTokens = null) => new(0, [], maxTokens, tokenizer: TinyTokenizer.Instance);
}
