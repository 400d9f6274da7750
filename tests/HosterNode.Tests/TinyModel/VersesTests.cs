using ComputeShare.TinyModel;
using ComputeShare.TinyModel.Text;

namespace ComputeShare.HosterNode.Tests.TinyModel;

public sealed class VersesTests
{
    [Fact]
    public void Lines_OfEveryHaiku_HaveFiveSevenAndFiveSyllables() => Assert.All(Subject.All, subject =>
    {
        Assert.All(subject.First, line => Assert.Equal((line, 5), (line, Syllables.Of(line))));
        Assert.All(subject.Second, line => Assert.Equal((line, 7), (line, Syllables.Of(line))));
        Assert.All(subject.Third, line => Assert.Equal((line, 5), (line, Syllables.Of(line))));
        Assert.True(subject is { First.Count: > 5, Second.Count: > 5, Third.Count: > 5, Couplets.Count: > 1 });
    });

    [Fact]
    public void Next_HeldOutVerses_AreInNoTrainingText()
    {
        var heldOut = new TrainingText(new SeededRandom(1), heldOut: true);
        var verses = Enumerable.Range(0, 200).Select(_ => heldOut.NextHaiku().Turns[^1].Text).ToHashSet();
        var training = new TrainingText(new SeededRandom(2));

        Assert.InRange(verses.Count, 50, 200);
        Assert.All(
            Enumerable.Range(0, 3000).SelectMany(_ => training.Next().Turns.Concat(training.NextHaiku().Turns)),
            turn => Assert.DoesNotContain(turn.Text, verses));
    }

    [Fact]
    public void Next_TheSameSeed_IsTheSameText()
    {
        Assert.Equal(Write(), Write());

        static string Write()
        {
            var text = new TrainingText(new SeededRandom(7));
            return string.Concat(Enumerable.Range(0, 300).SelectMany(_ => text.Next().Turns).Select(turn => $"{turn.Role}|{turn.Text}|{string.Concat(turn.Calls)}\n"));
        }
    }
}
