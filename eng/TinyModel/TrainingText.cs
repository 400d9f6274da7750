using System.Text;

namespace ComputeShare.TinyModel;

/// <summary>English-like sentences from a small grammar: what the vocabulary is trained on.</summary>
internal sealed class TrainingText(SeededRandom random)
{
    private const int Sentences = 6000;
    private const int SentencesPerParagraph = 5;

    private static readonly string[] Nouns =
    [
        "river", "mountain", "garden", "engine", "market", "teacher", "window", "letter", "forest", "harbour", "machine", "village",
        "lantern", "bridge", "captain", "winter", "summer", "question", "answer", "story", "island", "kitchen", "painter", "signal",
        "number", "morning", "evening", "shadow", "station", "traveller", "neighbour", "computer", "network", "token", "model", "bird",
        "house", "child", "road", "cloud", "stone", "tree", "song", "book", "door", "fire", "light", "water", "field", "boat",
    ];

    private static readonly string[] Adjectives =
    [
        "quiet", "small", "bright", "ancient", "hidden", "gentle", "curious", "heavy", "golden", "distant", "careful", "honest", "cold",
        "warm", "green", "silver", "patient", "sudden", "simple", "strange", "narrow", "open", "early", "late", "clever", "tired",
    ];

    private static readonly string[] Verbs =
    [
        "follows", "remembers", "carries", "watches", "builds", "answers", "finds", "crosses", "opens", "repairs", "counts", "paints",
        "leaves", "visits", "measures", "hears", "describes", "shares", "learns", "teaches", "holds", "moves", "draws", "keeps",
    ];

    private static readonly string[] Places = ["near", "behind", "under", "above", "beside", "between", "across", "without", "beyond", "around"];

    private static readonly string[] Openings =
        ["", "", "", "Today ", "Sometimes ", "In the end ", "Every day ", "Once again ", "For a while ", "After the rain "];

    private static readonly string[] Links = ["and", "because", "but", "while", "until", "so", "when", "although"];

    public string Generate()
    {
        var text = new StringBuilder();
        for (var sentence = 1; sentence <= Sentences; sentence++)
        {
            text.Append(Sentence()).Append(sentence % SentencesPerParagraph == 0 ? "\n" : " ");
        }

        return text.ToString();
    }

    private string Sentence()
    {
        var clause = Clause();
        var sentence = random.Next(10) switch
        {
            < 4 => clause + ".",
            < 7 => $"{clause}, {Pick(Links)} {Clause()}.",
            7 => $"Why is {Thing()} so {Pick(Adjectives)}?",
            8 => $"There are {random.Next(90) + 10} {Pick(Nouns)}s {Pick(Places)} {Thing()}.",
            _ => $"\"It's {Pick(Adjectives)},\" says {Thing()}, \"and I don't know why.\"",
        };
        var opening = Pick(Openings) + sentence;
        return char.ToUpperInvariant(opening[0]) + opening[1..];
    }

    private string Clause() => random.Next(3) == 0
        ? $"{Thing()} {Pick(Verbs)} {Thing()} {Pick(Places)} {Thing()}"
        : $"{Thing()} {Pick(Verbs)} {Thing()}";

    private string Thing()
    {
        var article = random.Next(3) == 0 ? "a" : "the";
        return random.Next(2) == 0 ? $"{article} {Pick(Adjectives)} {Pick(Nouns)}" : $"{article} {Pick(Nouns)}";
    }

    private string Pick(string[] words) => words[random.Next(words.Length)];
}
