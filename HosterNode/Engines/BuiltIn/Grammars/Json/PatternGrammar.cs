using System.Globalization;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>
/// The regular part of the regular expressions that schemas use, as characters of a JSON string: alternatives, groups, classes of ASCII
/// characters, counts, and the anchors at both ends. What looks around or back is refused.
/// </summary>
internal sealed class PatternGrammar
{
    private const int MostCount = 1000;
    private const int MostLength = 1000;
    private const int MostGroups = 32;
    private const char FirstCharacter = ' ';
    private const char LastCharacter = '~';

    private readonly JsonParts _parts;
    private readonly string _pattern;
    private int _at;
    private int _groups;

    private PatternGrammar(JsonParts parts, string pattern)
    {
        _parts = parts;
        _pattern = pattern;
    }

    /// <summary>Strings that match the pattern, with their quotes.</summary>
    /// <exception cref="GrammarException">It has what this engine does not follow.</exception>
    public static GrammarNode Of(JsonParts parts, string pattern) =>
        pattern.Length <= MostLength ? new PatternGrammar(parts, pattern).Read() : throw Refusal();

    private Sequence Read()
    {
        var anything = new Repeat(_parts.Character, 0, int.MaxValue);
        // With alternatives at the top an anchor would be one alternative's only.
        var isAnchored = Take('^');
        var node = Alternatives();
        var isAnchoredAtEnd = Take('$');
        if (_at < _pattern.Length || (node is Choice && (isAnchored || isAnchoredAtEnd)))
        {
            throw Refusal();
        }

        return new Sequence(
            JsonParts.Text("\""),
            isAnchored ? new Sequence() : anything,
            node,
            isAnchoredAtEnd ? new Sequence() : anything,
            JsonParts.Text("\""));
    }

    private GrammarNode Alternatives()
    {
        var options = new List<GrammarNode> { Concatenation() };
        while (Take('|'))
        {
            options.Add(Concatenation());
        }

        return options.Count == 1 ? options[0] : new Choice([.. options]);
    }

    private Sequence Concatenation()
    {
        var items = new List<GrammarNode>();
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')' or '$'))
        {
            items.Add(Counted(Atom()));
        }

        return new Sequence([.. items]);
    }

    private GrammarNode Counted(GrammarNode atom)
    {
        var (least, most) = Take('*') ? (0, int.MaxValue) : Take('+') ? (1, int.MaxValue) : Take('?') ? (0, 1) : Take('{') ? Count() : (1, 1);
        // How eagerly an expression matches does not change what it matches.
        _ = (least, most) != (1, 1) && Take('?');
        if ((least, most) == (1, 1))
        {
            return atom;
        }

        // A repeated item may not be empty, or it could be repeated without end.
        var measured = new Grammar(atom);
        return measured.Root.Least == 0 ? throw Refusal() : new Repeat(atom, least, most);
    }

    private (int Least, int Most) Count()
    {
        var end = _pattern.IndexOf('}', _at);
        var parts = end < 0 ? throw Refusal() : _pattern[_at..end].Split(',');
        _at = end + 1;
        var least = Number(parts[0]);
        var most = parts.Length == 1 ? least : parts[1].Length == 0 ? int.MaxValue : Number(parts[1]);
        return parts.Length <= 2 && least <= most ? (least, most) : throw Refusal();
    }

    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MostCount
        ? number
        : throw Refusal();

    private GrammarNode Atom()
    {
        var next = _pattern[_at++];
        switch (next)
        {
            case '(':
                return Group();
            case '[':
                return Class();
            case '.':
                return Any(Everything());
            case '\\':
                return Any(Escaped());
            case '*' or '+' or '?' or '{' or '^':
                throw Refusal();
            default:
                return char.IsSurrogate(next) || char.IsControl(next)
                    ? throw Refusal()
                    : new Literal(JsonLiteral.Of(next.ToString())[1..^1]);
        }
    }

    private GrammarNode Group()
    {
        if (Take('?') && !Take(':'))
        {
            throw Refusal();
        }

        if (++_groups > MostGroups)
        {
            throw Refusal();
        }

        var node = Alternatives();
        return Take(')') ? node : throw Refusal();
    }

    private Choice Class()
    {
        var isNegated = Take('^');
        var members = new HashSet<char>();
        while (_at < _pattern.Length && _pattern[_at] != ']')
        {
            var first = Member();
            if (first.Count == 1 && _at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
            {
                _at++;
                var last = Member();
                var (low, high) = (first.Single(), last.Count == 1 ? last.Single() : throw Refusal());
                members.UnionWith(Enumerable.Range(low, Math.Max(0, high - low + 1)).Select(character => (char)character));
            }
            else
            {
                members.UnionWith(first);
            }
        }

        return Take(']') ? Any(isNegated ? Everything().Except(members) : members) : throw Refusal();
    }

    private HashSet<char> Member()
    {
        var next = _pattern[_at++];
        return next == '\\' ? Escaped() : next is >= FirstCharacter and <= LastCharacter ? [next] : throw Refusal();
    }

    private HashSet<char> Escaped()
    {
        var next = _at < _pattern.Length ? _pattern[_at++] : throw Refusal();
        return next switch
        {
            'd' => [.. Everything().Where(char.IsAsciiDigit)],
            'D' => [.. Everything().Where(character => !char.IsAsciiDigit(character))],
            'w' => [.. Everything().Where(IsWord)],
            'W' => [.. Everything().Where(character => !IsWord(character))],
            's' => [' ', '\t', '\n', '\r', '\f'],
            'S' => [.. Everything().Where(character => character != ' ')],
            'n' => ['\n'],
            't' => ['\t'],
            'r' => ['\r'],
            'f' => ['\f'],
            _ => char.IsAsciiLetterOrDigit(next) || !char.IsAscii(next) ? throw Refusal() : [next],
        };
    }

    private static bool IsWord(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';

    private static IEnumerable<char> Everything() => Enumerable.Range(FirstCharacter, LastCharacter - FirstCharacter + 1).Select(character => (char)character);

    /// <summary>One of the characters: those that are themselves in a JSON string as one set, the escaped ones beside it.</summary>
    private static Choice Any(IEnumerable<char> characters)
    {
        var plain = new SymbolSet();
        var options = new List<GrammarNode>();
        foreach (var written in characters.Distinct().Order().Select(character => JsonLiteral.Of(character.ToString())[1..^1]))
        {
            if (written.Length == 1)
            {
                plain = plain.With(SymbolSet.Of(written[0]));
            }
            else
            {
                options.Add(new Literal(written));
            }
        }

        return new Choice([new OneOf(plain), .. options]);
    }

    private bool Take(char expected)
    {
        if (_at >= _pattern.Length || _pattern[_at] != expected)
        {
            return false;
        }

        _at++;
        return true;
    }

    private static GrammarException Refusal() => new("has a pattern that is not of the regular kind");
}
