namespace ComputeShare.Gateway.Probes;

/// <summary>What probes talk about. None of it is a prompt: <see cref="ProbePrompts"/> makes those of it, or has a trusted model write them.</summary>
internal static class ProbeWords
{
    public static readonly string[] Topics =
    [
        "the sea", "sourdough bread", "a broken bicycle", "moving to another town", "the moons of Jupiter", "a job interview", "tomato plants", "the Hanseatic League",
        "a leaking tap", "chess openings", "my grandmother's recipes", "an angry customer", "the tides", "learning to swim", "tax returns", "a lost suitcase",
        "bees", "SQL joins", "a birthday for forty guests", "the first printing presses", "headaches", "renting a flat", "photographing stars", "coffee",
        "a slow laptop", "regular expressions", "cats that wake us at night", "the Silk Road", "compound interest", "knitting a scarf", "public transport", "volcanoes",
        "a speech at a wedding", "unit tests", "the colour blue", "lighthouses", "a neighbour's dog", "Roman aqueducts", "jet lag", "owls",
        "training for ten kilometres", "an old radio", "glaciers", "a team that does not talk", "haikus", "GPUs", "soap bubbles", "a garden in the shade",
    ];

    public static readonly string[] Asks =
    [
        "What should I know about {0}?", "Explain {0} to a child of {1}.", "Write {1} lines about {0}.", "I have {1} minutes: what matters most about {0}?",
        "Help me with {0}, please.", "Give me {1} ideas around {0}.", "Write a short poem about {0}.", "Why do people care about {0}?",
        "What do beginners get wrong about {0}?", "Tell me a story of {1} sentences about {0}.", "Is there a good book about {0}?", "Write a haiku about {0}.",
        "Make a plan of {1} steps for {0}.", "Compare {0} with {2}.", "What has {0} to do with {2}?", "Write a friendly mail about {0}.",
        "Which questions should I ask about {0}?", "Summarise what you know of {0} in {1} words.", "My friend {3} asks about {0}. What do I say?", "Write a title for a talk about {0} and {2}.",
    ];

    public static readonly string[] Openings =
    [
        "", "", "", "Hi! ", "Hello, ", "Hey there. ", "Good morning. ", "Quick question: ", "I am {3} and new here. ", "Thanks for earlier. ", "So, ", "ok ",
    ];

    public static readonly string[] Endings =
    [
        "", "", "", "", " Thanks!", " Keep it short.", " No lists, please.", " I am {1} years old, if that matters.", " It is for {3}.", " Plain words, please.", " Be honest.",
    ];

    public static readonly string[] Systems =
    [
        "You are a helpful assistant.", "You are a helpful assistant. Answer in a few sentences.", "You are a friendly and precise assistant.",
        "You help the customers of {3}'s shop. Be brief.", "Answer in English, without lists.", "You are an expert on {0}.", "You are {3}, who likes {0}. Stay polite.",
        "Today is day {1} of our project on {0}. Help the team.",
    ];

    public static readonly string[] FollowUps =
    [
        "And what about {0}?", "Why is that?", "Can you say it more simply?", "Give an example with {0}.", "What would {3} say to that?", "Shorter, please.",
        "Now in {1} words.", "I do not agree: think of {0}.", "Go on.", "How is that with {0} and {2}?", "Great. Now for {0}.",
    ];

    public static readonly string[] Names =
    [
        "Ada", "Aylin", "Bruno", "Chen", "Dana", "Emil", "Fatima", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lena", "Mateo", "Noor", "Olga", "Priya", "Quentin", "Rosa",
        "Samir", "Tove", "Uma", "Viktor", "Wanda", "Yusuf", "Zoe",
    ];

    /// <summary>What a model is asked for that is to write a prompt.</summary>
    public static readonly string[] Commissions =
    [
        "Write one message that somebody might send to an assistant about {0}. Only the message itself.",
        "Invent a question that {3} could ask about {0}, in one or two sentences. Nothing else.",
        "Somebody of {1} years wonders about {0} and {2}. Write down what they would ask, in their words.",
    ];
}
