using System.Text;
using ComputeShare.Gateway.Probes;

namespace ComputeShare.Gateway.Tests.Probes;

public sealed class ProbeComparisonTests
{
    private const string Sea = "The sea forgets what it said to the shore";

    private static readonly ProbeAnswer Reference = Likely(Sea);

    [Fact]
    public void Greedy_TheSameText_AgreesHoweverItIsCutIntoTokens() =>
        Assert.Equal(Agreement.Agrees, ProbeComparison.OfGreedy(Text(Sea), Reference));

    [Theory]
    [InlineData("A sea forgets what it said to the shore")]
    [InlineData("The sea forgets what it said to the ship")]
    [InlineData("The sea forgets")]
    [InlineData("The sea forgets what it said to the shore, buy now")]
    [InlineData("")]
    [InlineData("the sea forgets what it said to the shore")]
    public void Greedy_AnotherTextWhereTheModelWasSure_Differs(string text) =>
        Assert.Equal(Agreement.Differs, ProbeComparison.OfGreedy(Text(text), Reference));

    [Theory]
    [InlineData("The sea forgets what it said to a ship", 7, " a", Agreement.Inconclusive)]
    [InlineData("The sea forgets what it said to the ship", 8, " ship", Agreement.Agrees)]
    [InlineData("The sea forgets what it said to the shell", 8, " ship", Agreement.Differs)]
    [InlineData("The sea forgets what it said to the ship", 7, " a", Agreement.Differs)]
    internal void Greedy_PartingWhereTwoWereAsLikely_IsChanceIfItGoesOnWithTheOther(string text, int tie, string other, Agreement agreement) =>
        Assert.Equal(agreement, ProbeComparison.OfGreedy(Text(text), Likely(Sea, tie, other)));

    [Theory]
    [InlineData(0.45, Agreement.Inconclusive)]
    [InlineData(0.55, Agreement.Differs)]
    internal void Greedy_TheOtherWithinAFactorOf1Point65_IsChance(double behind, Agreement agreement) =>
        Assert.Equal(agreement, ProbeComparison.OfGreedy(Text("The lake"), Likely("The sea", 1, " lake", behind)));

    [Fact]
    public void Greedy_CutAtTheBudget_IsComparedAsFarAsItGoes()
    {
        Assert.Equal(Agreement.Agrees, ProbeComparison.OfGreedy(Text("The sea forgets what it said to the sh", isCut: true), Reference));
        Assert.Equal(Agreement.Inconclusive, ProbeComparison.OfGreedy(Text("The sea", isCut: true), Reference));
        Assert.Equal(Agreement.Differs, ProbeComparison.OfGreedy(Text("The lake", isCut: true), Reference));
        Assert.Equal(Agreement.Agrees, ProbeComparison.OfGreedy(Text(Sea + " of"), Likely(Sea, isCut: true)));
    }

    [Fact]
    public void Greedy_EndingWhereAnEndWasAsLikelyAsNot_IsChance()
    {
        var unsure = Answer(Sea, [.. Tokens(Sea).Select((text, place) => place == 8 ? Token(text, -0.6) : Token(text, -0.01))]);

        Assert.Equal(Agreement.Agrees, ProbeComparison.OfGreedy(Text("The sea forgets what it said to the"), unsure));
        Assert.Equal(Agreement.Differs, ProbeComparison.OfGreedy(Text("The sea forgets what it said to"), unsure));
    }

    [Fact]
    public void Greedy_WithoutUsableLikelihoodsOrWithThoughtsOfOneAlone_IsNotCompared()
    {
        Assert.Equal(Agreement.NotCompared, ProbeComparison.OfGreedy(Text("A sea"), Answer(Sea, [])));
        Assert.Equal(Agreement.NotCompared, ProbeComparison.OfGreedy(Text("A sea"), Answer(Sea, [Token("The", -0.01)])));
        Assert.Equal(Agreement.NotCompared, ProbeComparison.OfGreedy(new ProbeAnswer { Text = Utf8("A sea"), HasReasoning = true }, Reference));
    }

    [Fact]
    public void Sampled_OtherTokensOfTheSameLikelihoods_Agree()
    {
        var one = Answer("The", [Token("The", -1, (" A", -0.9), ("No", -2.5))]);

        Assert.Equal(Agreement.Agrees, ProbeComparison.OfSampled(Answer(" A", [Token(" A", -0.95, ("The", -1.05), ("No", -2.4))]), one));
        Assert.Equal(Agreement.Differs, ProbeComparison.OfSampled(Answer("The", [Token("The", -0.1, (" A", -3), ("No", -4))]), one));
        Assert.Equal(Agreement.Differs, ProbeComparison.OfSampled(Answer("Yes", [Token("Yes", -0.5, ("Oh", -1.5))]), one));
        Assert.Equal(Agreement.NotCompared, ProbeComparison.OfSampled(Text("The"), one));
    }

    /// <summary>
    /// Texts in which three tokens of ten have another that is nearly as likely: an engine that reckons with another precision never
    /// differs, another model nearly always.
    /// </summary>
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.2)]
    public void Greedy_ManyAnswers_PrecisionIsChanceAndAnotherModelIsNot(double noise)
    {
        var (model, same, another) = (new WordModel(seed: 1), new WordModel(1, noise), new WordModel(2));
        var (honest, other, conclusive) = (0, 0, 0);
        for (var prompt = 0; prompt < 300; prompt++)
        {
            var reference = model.Answer(prompt);
            var agreement = ProbeComparison.OfGreedy(same.Answer(prompt), reference);
            honest += agreement == Agreement.Differs ? 1 : 0;
            conclusive += agreement == Agreement.Agrees ? 1 : 0;
            other += ProbeComparison.OfGreedy(another.Answer(prompt), reference) == Agreement.Differs ? 1 : 0;
        }

        Assert.Equal(0, honest);
        Assert.InRange(conclusive, 150, 300);
        Assert.InRange(other, 270, 300);
    }

    private static ProbeAnswer Text(string text, bool isCut = false) => new() { Text = Utf8(text), HasReasoning = false, IsCut = isCut };

    private static ProbeAnswer Answer(string text, ProbeToken[] tokens, bool isCut = false) =>
        new() { Text = Utf8(text), HasReasoning = false, Tokens = tokens, IsCut = isCut };

    /// <summary>A text of a model that was sure of each word, but perhaps one.</summary>
    private static ProbeAnswer Likely(string text, int tie = -1, string other = "", double behind = 0.1, bool isCut = false) => Answer(
        text,
        [.. Tokens(text).Select((word, place) => place == tie ? Token(word, -0.7, (other, -0.7 - behind)) : Token(word, -0.01, (" never", -5), (" ever", -6)))],
        isCut);

    private static IEnumerable<string> Tokens(string text) => text.Split(' ').Select((word, place) => place == 0 ? word : " " + word);

    private static ProbeToken Token(string text, double logprob, params (string Text, double Logprob)[] others) => new(
        Utf8(text).ToArray(), logprob, others.Length == 0 ? [] : [(Utf8(text).ToArray(), logprob), .. others.Select(other => (Utf8(other.Text).ToArray(), other.Logprob))]);

    private static ReadOnlyMemory<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
