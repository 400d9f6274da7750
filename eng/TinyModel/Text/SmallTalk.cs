using System.Globalization;

namespace ComputeShare.TinyModel.Text;

/// <summary>Greetings, questions about itself, jokes, small facts, and what is too hard.</summary>
internal sealed class SmallTalk(Chooser chooser, Phrasing phrasing)
{
    private static readonly List<(List<string> Questions, List<string> Answers)> Topics = ReadTopics();
    private static readonly List<(string Question, string Answer, string First, string Second)> Facts = ReadFacts();
    private static readonly string[] RepeatAsks = ["Repeat: {x}", "Say {x}", "Repeat after me: {x}", "Say: {x}", "Echo {x}", "Please say {x}", "Repeat the word {x}"];
    private static readonly string[] SumAsks = ["What is {x}?", "{x}", "{x} = ?", "How much is {x}?", "Calculate {x}"];
    private static readonly string[] Words = [.. TextFile.Lines("words.txt")];

    public Exchange Next() => chooser.Below(100) switch
    {
        < 76 => Topic(),
        < 88 => Fact(),
        < 95 => Repeat(),
        _ => Sum(),
    };

    private Exchange Topic()
    {
        // What people try first stands first.
        var (questions, answers) = chooser.Chance(40) ? chooser.Early(Topics) : chooser.Any(Topics);
        return new(phrasing.Vary(chooser.Any(questions)), chooser.Early(answers));
    }

    private Exchange Fact()
    {
        var (question, answer, first, second) = chooser.Any(Facts);
        var text = answer.Replace("{0}", first, StringComparison.Ordinal).Replace("{1}", second, StringComparison.Ordinal);
        return new(phrasing.Vary(question.Replace("{0}", first, StringComparison.Ordinal)), char.ToUpperInvariant(text[0]) + text[1..]);
    }

    private Exchange Repeat()
    {
        var word = chooser.Chance(50) ? chooser.Any(Words) : chooser.Chance(50) ? chooser.NewWord() : $"{chooser.NewWord()} {chooser.Any(Words)}";
        return new(chooser.Any(RepeatAsks).Replace("{x}", word, StringComparison.Ordinal), word);
    }

    private Exchange Sum()
    {
        var (left, right) = (chooser.Below(10), chooser.Below(10));
        var sign = chooser.Any(["+", " + ", " plus "]);
        return new(
            phrasing.Vary(chooser.Any(SumAsks).Replace("{x}", string.Create(CultureInfo.InvariantCulture, $"{left}{sign}{right}"), StringComparison.Ordinal)),
            string.Create(CultureInfo.InvariantCulture, $"{left} + {right} = {left + right}. I am almost sure."));
    }

    private static List<(List<string> Questions, List<string> Answers)> ReadTopics()
    {
        var topics = new List<(List<string> Questions, List<string> Answers)>();
        var isAnswer = true;
        foreach (var line in TextFile.Lines("smalltalk.txt"))
        {
            var begins = isAnswer && line[0] == '?';
            isAnswer = line[0] == '!';
            if (begins)
            {
                topics.Add(([], []));
            }

            (isAnswer ? topics[^1].Answers : topics[^1].Questions).Add(line[2..].Replace(" / ", "\n", StringComparison.Ordinal));
        }

        return topics;
    }

    private static List<(string Question, string Answer, string First, string Second)> ReadFacts()
    {
        var facts = new List<(string Question, string Answer, string First, string Second)>();
        var (question, answer) = ("", "");
        foreach (var line in TextFile.Lines("facts.txt"))
        {
            if (line[0] == '=')
            {
                (question, answer) = (line[2..].Split(" | ")[0], line[2..].Split(" | ")[1]);
            }
            else
            {
                facts.Add((question, answer, line.Split(", ")[0], line.Split(", ")[1]));
            }
        }

        return facts;
    }
}
