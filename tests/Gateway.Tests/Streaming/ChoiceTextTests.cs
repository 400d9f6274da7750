using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.Tests.Streaming;

public sealed class ChoiceTextTests
{
    [Fact]
    public void Tokens_OfHeldBackText_CountOnlyWhenItGoesOut()
    {
        var choice = new ChoiceText(0, ["END"], null);

        choice.Push(Token("One"));
        Assert.Equal(1u, choice.Tokens);
        choice.Push(Token("EN"));
        Assert.Equal(1u, choice.Tokens);
        choice.End("stop");
        Assert.Equal(2u, choice.Tokens);
    }

    [Fact]
    public void Tokens_BehindAStop_AreNotCounted()
    {
        var choice = new ChoiceText(0, ["!"], null);

        var piece = choice.Push(new Delta { Text = "One! two three", TokenCount = 4 });
        var late = choice.Push(Token("four"));

        Assert.Equal("One", piece.Content);
        Assert.True(late.IsEmpty);
        Assert.Equal(("stop", 3u), (choice.FinishReason, choice.Tokens));
    }

    [Fact]
    [Trait("Wire", "32")]
    public void Tokens_BeyondMaxTokens_AreNotTaken()
    {
        var choice = new ChoiceText(0, [], 2);

        choice.Push(Token("One"));
        choice.Push(Token(" two"));
        var third = choice.Push(Token(" three"));

        Assert.True(third.IsEmpty);
        Assert.Equal(("length", 2u), (choice.FinishReason, choice.Tokens));
    }

    [Fact]
    public void Tokens_WithoutTextYet_CountWithTheCharacterTheyMake()
    {
        var choice = new ChoiceText(0, [], null);

        choice.Push(new Delta { TokenCount = 1 });
        choice.Push(new Delta { TokenCount = 1 });
        Assert.Equal(0u, choice.Tokens);
        choice.Push(Token("😀"));

        Assert.Equal(3u, choice.Tokens);
    }

    [Fact]
    public void Reasoning_CountsAsContent()
    {
        var choice = new ChoiceText(0, [], null);

        var piece = choice.Push(new Delta { Reasoning = "hm", TokenCount = 1 });

        Assert.Equal(("hm", 1u), (piece.Reasoning, choice.Tokens));
    }

    [Fact]
    public void Frames_ThatNeverHaveText_AreMalformedBeforeTheyFillTheMemory()
    {
        var choice = new ChoiceText(0, [], null);

        var pushed = 0;
        while (!choice.IsMalformed && pushed < 100_000)
        {
            choice.Push(new Delta { TokenCount = 1 });
            pushed++;
        }

        Assert.InRange(pushed, 10_000, 99_999);
    }

    [Fact]
    public void Logprobs_NotAskedFor_AreNotKept()
    {
        var choice = new ChoiceText(0, [], null);

        Assert.Null(choice.Push(WithLogprob("a", "a")).Logprobs);
    }

    [Fact]
    public void Logprobs_AskedForAndMoreThanAnyAnswerHas_AreMalformed()
    {
        var choice = new ChoiceText(0, [], null, logprobs: true);
        var large = WithLogprob("", new string('x', 1024 * 1024));

        Assert.Single(choice.Push(WithLogprob("a", "a")).Logprobs!);
        for (var pushed = 0; pushed < 100 && !choice.IsMalformed; pushed++)
        {
            choice.Push(large);
        }

        Assert.True(choice.IsMalformed);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Logprob_ThatIsNoNumberInJson_IsAsGoodAsImpossible(float logprob)
    {
        var token = new TokenLogprob { Token = "a", Logprob = logprob, Top = { new TokenLogprob { Token = "b", Logprob = logprob } } };

        var entry = Assert.Single(TokenLogprobEntry.Of([token]));

        Assert.Equal((-9999, -9999), (entry.Logprob, entry.TopLogprobs[0].Logprob));
    }

    private static Delta WithLogprob(string text, string token) => new() { Text = text, TokenCount = 1, Logprobs = { new TokenLogprob { Token = token } } };

    private static Delta Token(string text) => new() { Text = text, TokenCount = 1 };
}
