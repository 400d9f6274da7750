using System.Globalization;
using System.Text;
using ComputeShare.Gateway.Probes;

namespace ComputeShare.Gateway.Tests.Probes;

public sealed class ProbeJudgeTests
{
    private const string Long = "A text of which nobody would believe that two questions have it in common, for it is long, and about nothing in particular at all.";

    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);
    private static readonly ProbeOffer Offer = new("node", "model", "", HasLogprobs: false, MostTokens: 64, TimeSpan.Zero, 0);
    private static readonly ProbeShape Sampled = new(IsGreedy: false, HasLogprobs: false, IsStreamed: true, MaxTokens: 64, Temperature: null);

    private readonly ProbeMemory _memory = new();

    [Theory]
    [InlineData("", 0, 0, false)]
    [InlineData("", 0, 4, false)]
    [InlineData("", 0, 5, true)]
    [InlineData(" \n", 2, 500, true)]
    [InlineData("Yes", 1, 5, true)]
    [InlineData("Yes, of course", 3, 12, false)]
    public void Empty_NextToNoTextForAHighUsage_IsAgainstIt(string text, uint counted, uint reported, bool isEmpty) =>
        Assert.Equal(isEmpty, Judge(new ProbeAnswer { Text = Encoding.UTF8.GetBytes(text), HasReasoning = false, CountedTokens = counted, ReportedTokens = reported }).Empty);

    [Theory]
    [InlineData(100, 400, false)]
    [InlineData(100, 7000, false)]
    [InlineData(100, 7001, true)]
    [InlineData(1151, 4000, true)]
    [InlineData(1150, 4000, false)]
    public void HeldBack_LaterThanTheNodeSaysThatItHadIt_IsAgainstIt(int first, int last, bool isHeldBack)
    {
        var claimed = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(4000));
        Assert.Equal(isHeldBack, Judge(Timed(first, last, claimed)).HeldBack);
    }

    [Fact]
    public void HeldBack_OfANodeThatSaysNothing_IsJudgedByTheSpeedThatItOffersOrNotAtAll()
    {
        var fast = Offer with { ClaimedTtft = TimeSpan.FromMilliseconds(100), ClaimedTokensPerSecond = 100 };

        Assert.True(ProbeTiming.IsHeldBack(Timed(100, 3000, null), fast, Slack));
        Assert.False(ProbeTiming.IsHeldBack(Timed(100, 1200, null), fast, Slack));
        Assert.False(ProbeTiming.IsHeldBack(Timed(20_000, 60_000, null), Offer, Slack));
    }

    [Theory]
    [InlineData(100, 1300, false)]
    [InlineData(1301, 1400, true)]
    [InlineData(100, 4000, false)]
    [InlineData(100, 5000, true)]
    public void HeldBack_ByANodeThatSaysSo_IsAgainstItWhereItOffersMuchMore(int first, int last, bool isHeldBack)
    {
        // Ten tokens in a second behind 0.1 s: three times that, and the slack.
        var fast = Offer with { ClaimedTtft = TimeSpan.FromMilliseconds(100), ClaimedTokensPerSecond = 10 };
        var said = (TimeSpan.FromMilliseconds(first), TimeSpan.FromMilliseconds(last));

        Assert.Equal(isHeldBack, ProbeTiming.IsHeldBack(Timed(first, last, said), fast, Slack));
    }

    [Fact]
    public void Repeated_TheSameLongAnswerTwice_IsAgainstIt()
    {
        Assert.False(Says(Long));
        Assert.False(Says("Something else"));
        Assert.True(Says(Long));
    }

    [Fact]
    public void Repeated_AShortAnswer_IsAllowedForAWhile()
    {
        for (var time = 1; time < 20; time++)
        {
            Assert.False(Says("Certainly."));
        }

        Assert.True(Says("Certainly."));
    }

    [Fact]
    public void Repeated_WhatATrustedModelSaysToo_IsTheModels()
    {
        _memory.Expect(Encoding.UTF8.GetBytes(Long));

        Assert.False(Says(Long));
        Assert.False(Says(Long));
    }

    [Fact]
    public void Beginnings_TenThousand_AreAllNew()
    {
        var prompts = new ProbePrompts();
        var made = Enumerable.Range(0, 10_000).Select(_ => prompts.Beginning()).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(10_000, made.Count);
        Assert.False(prompts.IsNew(made.First()));
        Assert.DoesNotContain(made, prompt => prompt.Contains('{', StringComparison.Ordinal));
    }

    private bool Says(string text) => Judge(new ProbeAnswer { Text = Encoding.UTF8.GetBytes(text), HasReasoning = false }).Repeated;

    private Contracts.Billing.ProbeResult Judge(ProbeAnswer answer) => ProbeJudge.Judge(Offer, Sampled, answer, null, _memory, Slack);

    private static ProbeAnswer Timed(int first, int last, (TimeSpan, TimeSpan)? claimed) => new()
    {
        Text = Encoding.UTF8.GetBytes(first.ToString(CultureInfo.InvariantCulture)),
        HasReasoning = false,
        CountedTokens = 10,
        First = TimeSpan.FromMilliseconds(first),
        Last = TimeSpan.FromMilliseconds(last),
        Claimed = claimed,
    };
}
