namespace ComputeShare.TinyModel.Text;

/// <summary>Verses that are asked for, and their answers.</summary>
internal sealed class Wishes(Chooser chooser, Phrasing phrasing, Verses verses)
{
    private static readonly string[] HaikuAsks =
    [
        "Write a haiku about {x}", "Write a haiku about {x}.", "Write me a haiku about {x}", "Haiku about {x}", "A haiku about {x}", "Compose a haiku about {x}.",
        "Give me a haiku about {x}", "Can you write a haiku about {x}?", "Make a haiku about {x}", "I would like a haiku about {x}.", "A haiku on {x}, please",
        "Write a haiku on {x}", "Write a short haiku about {x}.", "{x} haiku", "Tell me a haiku about {x}", "I need a haiku about {x}", "Create a haiku about {x}",
        "Write a funny haiku about {x}", "Write a haiku on the topic of {x}", "Describe {x} in a haiku", "Say something about {x} as a haiku", "Generate a haiku about {x}",
    ];

    private static readonly string[] PoemAsks =
    [
        "Write a poem about {x}", "Write a short poem about {x}.", "A poem about {x}", "Write me a poem about {x}", "Write a verse about {x}", "Rhyme about {x}",
        "Give me a short poem about {x}", "Compose a poem about {x}.", "Can you write a poem about {x}?", "Make a poem about {x}", "Write a four line poem about {x}",
        "Write some verses about {x}", "Write something about {x}", "Write a little poem on {x}", "Write a song about {x}", "Tell me a poem about {x}",
    ];

    private static readonly string[] AboutAsks =
        ["Tell me about {x}", "What do you know about {x}?", "What do you think of {x}?", "Say something about {x}", "Do you like {x}?", "Explain {x}", "Describe {x}", "What is {x}?", "{x}"];

    private static readonly string[] AboutAnswers =
        ["I know little of it, but here are two lines:\n", "I am too small for facts, so take a rhyme:\n", "Only this much:\n"];

    private static readonly string[] StoryAsks =
        ["Tell me a story about {x}", "Write a short story about {x}", "A story about {x}, please", "Write a story about {x}.", "Tell me a short story about {x}", "Write a tale about {x}"];

    private static readonly string[] StoryBegins =
    [
        "Once there was nothing in town but {x} and a very small model.", "One morning somebody found {x} in front of the door.", "Long ago people whispered about {x} when it rained.",
        "In a quiet street lived an old woman who loved {x}.", "Nobody had expected {x} on a Monday.",
    ];

    private static readonly string[] StoryMiddles =
        ["Everyone came to look, and the cat came first.", "It was too big for the kitchen, so they put the kettle outside.", "The children gave it a name and a hat.", "The mayor made a long speech, and the wind took it away."];

    private static readonly string[] StoryEnds =
        ["In the evening they all had soup, and that was that.", "And if the fans have not stopped, they are still humming.", "Since then, nobody locks the door.", "It is still there, and it sends its regards."];

    private static readonly string[] More =
        ["Another one", "One more", "Again", "More", "another", "One more please", "Can I have another one?", "Write another one", "And another?", "A different one", "next", "Make another"];

    private static readonly string[] Instead = ["Now about {x}", "And about {x}?", "Now one about {x}", "The same about {x}", "What about {x}?", "and {x}?", "About {x} instead"];

    private static readonly string[] Unnamed =
        ["Write a haiku", "A haiku please", "haiku", "Write me a haiku.", "Give me a haiku", "Can you write a haiku?", "Write a poem", "Write something", "Write a verse", "Write a short poem.", "poem"];

    private static readonly string[] Things = [.. TextFile.Lines("words.txt")];

    /// <summary>A verse, and sometimes more of them after it.</summary>
    public IEnumerable<Exchange> Next()
    {
        if (chooser.Chance(4))
        {
            var unnamed = chooser.Any(Unnamed);
            var any = chooser.Early(Subject.All);
            yield return new(phrasing.Vary(unnamed), unnamed.Contains("haiku", StringComparison.OrdinalIgnoreCase) ? verses.Haiku(any) : verses.Poem(any, any.Asked[0]));
            yield break;
        }

        var (subject, asked) = Pick();
        var form = chooser.Below(100);
        yield return form switch
        {
            < 60 => Ask(HaikuAsks, asked, Haiku(subject, asked)),
            < 84 => Ask(PoemAsks, asked, Poem(subject, asked)),
            < 92 => Ask(AboutAsks, asked, About(subject, asked)),
            _ => Ask(StoryAsks, asked, Story(asked)),
        };
        while (form < 84 && chooser.Chance(15))
        {
            if (chooser.Chance(50))
            {
                (subject, asked) = Pick();
                yield return Ask(Instead, asked, form < 60 ? Haiku(subject, asked) : Poem(subject, asked));
            }
            else
            {
                yield return new(phrasing.Vary(chooser.Any(More)), form < 60 ? Haiku(subject, asked) : Poem(subject, asked));
            }
        }
    }

    /// <summary>A haiku about a known subject.</summary>
    public Exchange KnownHaiku()
    {
        var subject = chooser.Any(Subject.All);
        return Ask(HaikuAsks, chooser.Any(subject.Asked), verses.Haiku(subject));
    }

    private (Subject? Subject, string Asked) Pick()
    {
        var dice = chooser.Below(100);
        if (dice >= 82)
        {
            return (null, chooser.Chance(70) ? chooser.Any(Things) : chooser.Chance(70) ? chooser.NewWord() : $"the {chooser.NewWord()} {chooser.NewWord()}");
        }

        var subject = dice < 18 ? Subject.All[0] : chooser.Any(Subject.All);
        return (subject, chooser.Early(subject.Asked));
    }

    private Exchange Ask(IReadOnlyList<string> asks, string asked, string answer)
    {
        var question = chooser.Any(asks).Replace("{x}", asked, StringComparison.Ordinal);
        return new(phrasing.Vary(char.ToUpperInvariant(question[0]) + question[1..]), answer);
    }

    private string Haiku(Subject? subject, string asked) => subject is null ? verses.Haiku(asked) : verses.Haiku(subject);

    private string Poem(Subject? subject, string asked) => subject is null ? verses.Poem(asked) : verses.Poem(subject, asked);

    private string About(Subject? subject, string asked) =>
        chooser.Early(AboutAnswers) + (subject is null ? verses.Generic(asked) : verses.Couplet(subject));

    private string Story(string asked) =>
        $"{chooser.Early(StoryBegins).Replace("{x}", asked, StringComparison.Ordinal)} {chooser.Early(StoryMiddles)} {chooser.Early(StoryEnds)}";
}
