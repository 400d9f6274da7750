namespace ComputeShare.TinyModel.Text;

/// <summary>Haikus and small poems. Some verses are never made for training: they measure what was learned rather than remembered.</summary>
internal sealed class Verses(Chooser chooser, bool heldOut = false)
{
    // One verse of this many is held out.
    private const int HeldOutShare = 25;

    private static readonly string[] OpeningLines =
    [
        "You ask for {x}", "Oh, {x}", "Thinking of {x}", "Somewhere, {x}", "All night long, {x}", "First light on {x}", "A word: {x}", "I looked up {x}",
    ];

    private static readonly string[] MiddleLines =
    [
        "a big word for my small weights", "the world is larger than me", "I have never seen it bloom", "the wind knows more of it now",
        "half remembered, half made up", "the moon has no better word", "somebody must love it so",
    ];

    private static readonly string[] ClosingLines =
        ["still, I wave hello", "I say it out loud", "it smiles anyway", "then a small silence", "and the rain agrees", "it makes me curious", "ask a larger lamp"];

    private static readonly string[] Couplets =
    [
        "I thought of {x} the whole night through,\nand then I made this line for you.",
        "Some people dream of gold and fame,\nI dream of {x}, and know its name.",
        "They say the world is large and wide,\nwith {x} on the sunny side.",
        "I do not know a lot, it's true,\nbut {x} is nice, and so are you.",
        "Let others write of war and kings,\nI write of {x} and smaller things.",
    ];

    /// <summary>Three lines about a known subject.</summary>
    public string Haiku(Subject subject) => Make(() => Join(chooser.Early(subject.First), chooser.Early(subject.Second), chooser.Early(subject.Third)));

    /// <summary>Four lines about it.</summary>
    public string Poem(Subject subject, string asked) => Make(() => chooser.Chance(30)
        ? chooser.Early(subject.Couplets) + "\n" + Generic(asked)
        : chooser.Early(subject.Couplets) is var first && chooser.Any(subject.Couplets) is var second && first != second
            ? first + "\n" + second
            : first + "\n" + Generic(asked));

    public string Couplet(Subject subject) => chooser.Early(subject.Couplets);

    /// <summary>Three lines about whatever was asked for.</summary>
    public string Haiku(string asked) => Join(Put(chooser.Early(OpeningLines), asked), chooser.Early(MiddleLines), chooser.Early(ClosingLines));

    public string Poem(string asked)
    {
        var (first, second) = (chooser.Early(Couplets), chooser.Any(Couplets));
        return first == second ? Put(first, asked) : Put(first, asked) + "\n" + Put(second, asked);
    }

    public string Generic(string asked) => Put(chooser.Early(Couplets), asked);

    private string Make(Func<string> make)
    {
        while (true)
        {
            var verse = make();
            if (IsHeldOut(verse) == heldOut)
            {
                return verse;
            }
        }
    }

    private static bool IsHeldOut(string verse)
    {
        // FNV-1a: string hash codes differ from run to run.
        var hash = verse.Aggregate(2166136261u, (sum, character) => (sum ^ character) * 16777619u);
        return hash % HeldOutShare == 0;
    }

    private static string Join(string first, string second, string third) => $"{first},\n{second},\n{third}.";

    private static string Put(string template, string asked)
    {
        var text = template.Replace("{x}", asked, StringComparison.Ordinal);
        return char.ToUpperInvariant(text[0]) + text[1..];
    }
}
