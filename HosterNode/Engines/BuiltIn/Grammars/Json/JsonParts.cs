namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>What every JSON grammar is made of: one set of nodes per grammar.</summary>
internal sealed class JsonParts
{
    /// <summary>Digits before the point of a number without bounds: what a double holds exactly.</summary>
    private const int MostDigits = 15;

    private const int MostDecimals = 8;

    private static readonly SymbolSet Plain = SymbolSet.Range(0x20, 0x7e).Without(SymbolSet.Of((byte)'"', (byte)'\\'));

    private readonly Reference _any = new();
    private readonly Lazy<GrammarNode> _free;

    public JsonParts()
    {
        var shared = (GrammarNode[])[new OneOf(Plain), .. Utf8Characters.TwoOrThreeBytes(), Escape()];
        ShortCharacter = new Choice(shared);
        Character = new Choice([.. shared, .. Utf8Characters.FourBytes()]);
        _free = new Lazy<GrammarNode>(MakeAny);
    }

    /// <summary>One character of a string.</summary>
    public GrammarNode Character { get; }

    /// <summary>The same without those that some count as two.</summary>
    public GrammarNode ShortCharacter { get; }

    public static GrammarNode Digit { get; } = new OneOf(SymbolSet.Range((byte)'0', (byte)'9'));

    /// <summary>Any JSON value.</summary>
    public GrammarNode Any => _free.Value;

    public static GrammarNode Text(string text) => new Literal(System.Text.Encoding.UTF8.GetBytes(text));

    public static GrammarNode Maybe(GrammarNode node) => new Repeat(node, 0, 1);

    public GrammarNode String(int least, int most) =>
        new Sequence(Text("\""), new Repeat(most == int.MaxValue ? Character : ShortCharacter, least, most), Text("\""));

    public static GrammarNode Boolean() => new Choice(Text("true"), Text("false"));

    public static GrammarNode Null() => Text("null");

    public static GrammarNode Integer() => new Choice(Text("0"), new Sequence(Maybe(Text("-")), Positive()));

    public static GrammarNode Number() => new Sequence(
        Maybe(Text("-")),
        new Choice(Text("0"), Positive()),
        Maybe(new Sequence(Text("."), new Repeat(Digit, 1, MostDecimals))));

    /// <summary>An object of any keys, none of them empty.</summary>
    public GrammarNode Map(GrammarNode value) =>
        ObjectGrammar.Of([], new Sequence(new Sequence(Text("\""), new Repeat(Character, 1, int.MaxValue), Text("\"")), Text(":"), value));

    private static Sequence Positive() =>
        new(new OneOf(SymbolSet.Range((byte)'1', (byte)'9')), new Repeat(Digit, 0, MostDigits - 1));

    // Not the solidus, which needs none, and no \u: every character can be itself.
    private static Sequence Escape() => new(Text("\\"), new OneOf(SymbolSet.Of("\"\\bfnrt"u8)));

    private Reference MakeAny()
    {
        var rest = new Repeat(new Sequence(Text(","), _any), 0, int.MaxValue);
        var array = new Sequence(Text("["), new Choice(Text("]"), new Sequence(_any, rest, Text("]"))));
        _any.Target = new Choice(Map(_any), array, String(0, int.MaxValue), Number(), Boolean(), Null());
        return _any;
    }
}
