namespace ComputeShare.TinyModel.Text;

/// <summary>Endless conversations of the project's own making, the same from the same seed.</summary>
internal sealed class TrainingText
{
    private static readonly string[] SystemTexts =
    [
        "You are a helpful assistant.", "You are a helpful assistant", "Answer briefly.", "You are a poet.", "Be concise.", "You are a friendly chatbot.",
        "You are computeshare/tiny.", "You are an expert.", "Answer in one sentence.", "You are a pirate.", "Be kind.", "You help users of ComputeShare.",
        "Keep your answers short and friendly.", "You are a helpful, honest assistant. Answer the user's questions.", "Always answer in English.",
    ];

    private readonly Chooser _chooser;
    private readonly Wishes _wishes;
    private readonly SmallTalk _talk;
    private readonly ToolTalk _tools;
    private readonly JsonTalk _json;

    public TrainingText(SeededRandom random, bool heldOut = false)
    {
        _chooser = new Chooser(random);
        var phrasing = new Phrasing(_chooser);
        _wishes = new Wishes(_chooser, phrasing, new Verses(_chooser, heldOut));
        _talk = new SmallTalk(_chooser, phrasing);
        _tools = new ToolTalk(_chooser, phrasing);
        _json = new JsonTalk(_chooser, phrasing);
    }

    public Conversation Next()
    {
        var turns = new List<Turn>();
        if (_chooser.Chance(8))
        {
            return new Conversation(_tools.Next(() => _chooser.Chance(50) ? _talk.Next() : _wishes.Next().First()));
        }

        if (_chooser.Chance(4))
        {
            // What a prompt without a chat is continued with.
            return new Conversation([new(Turn.Plain, _wishes.Next().First().Answer)]);
        }

        if (_chooser.Chance(25))
        {
            turns.Add(new("system", _chooser.Any(SystemTexts)));
        }

        // Few are long, so that late positions are known too.
        var exchanges = _chooser.Chance(80) ? 1 : _chooser.Chance(90) ? 2 + _chooser.Below(3) : 5 + _chooser.Below(15);
        for (; exchanges > 0; exchanges--)
        {
            turns.AddRange(Exchanges().SelectMany(exchange => exchange.Turns));
        }

        return new Conversation(turns);
    }

    /// <summary>A question for a haiku about a known subject, and the haiku.</summary>
    public Conversation NextHaiku() => new([.. _wishes.KnownHaiku().Turns]);

    private IEnumerable<Exchange> Exchanges() => _chooser.Below(100) switch
    {
        < 56 => _wishes.Next(),
        < 95 => [_talk.Next()],
        _ => [_json.Next()],
    };
}
