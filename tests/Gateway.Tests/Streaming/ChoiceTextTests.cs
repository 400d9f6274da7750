using ComputeShare.Contracts.Inference;
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

    private static Delta Token(string text) => new() { Text = text, TokenCount = 1 };
}
