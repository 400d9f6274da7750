using System.Globalization;
using System.Text;

namespace ComputeShare.Tokenizing.Tests.Vocabularies;

/// <summary>Text of many scripts by chance, with what pre-tokenizers treat each in its own way: digits, contractions, spaces, marks.</summary>
internal sealed class MixedText(int seed)
{
    private static readonly string[] Parts =
    [
        "the", " the", " river", "Hello", "WORLD", "McDonald", "don't", "I'LL", "we've", "'s", "'S", "'re", "'", "’s", " ", "  ", "   ", "\n", "\n\n", "\r\n",
        " \n ", "\t", "\t\t", "\u00a0", "\u3000", "\u2028", "1", "12", "123", "1234", "12345678", "3.14", "1,000", "٣٤", "²", "½", "Ⅷ", ".", "...", "!", "?!", ",", ";",
        "(", ")", "[x]", "{", "}", "{\"a\":1}", "=>", "==", "+", "-", "--", "*", "/", "//", "\\", "|", "^", "~", "`", "#", "$", "$5", "%", "&", "@", "<", ">", "_", "_a",
        "foo(bar)", "a=b;", "x+y", "</div>", "http://a.b/c?d=e", "snake_case", "camelCase", "é", "e\u0301", "ñandú", "ß", "Ünï", "ꜳ", "Ω", "λόγος", "Привет", "мир",
        "שלום", "مرحبا", "नमस्ते", "สวัสดี", "한국어", "日本語", "漢字", "ひらがな", "カタカナ", "中文，标点。", "、", "「」", "！", "🎉", "🎊🎊", "👩‍👩‍👧", "🇩🇪", "☺️",
        "𝐀𝐁", "𝟙𝟚𝟛𝟜", "𐐀𐐨", "𠀋", "\u200b", "\u00ad", "\ufeff", "\ufffd", "€", "™", "→", "∑", "•", "—", "“q”", "<|end|>", "▁", "Ġ", "<0x0A>",
    ];

    private static readonly (int First, int Last)[] Ranges =
        [(0x20, 0x7e), (0xa1, 0xff), (0x100, 0x17f), (0x391, 0x3a1), (0x410, 0x44f), (0x5d0, 0x5ea), (0x627, 0x63a), (0x905, 0x939), (0xe01, 0xe2e), (0x3041, 0x3096),
            (0x30a1, 0x30fa), (0x4e00, 0x9fa5), (0xac00, 0xd7a3), (0x2010, 0x2027), (0x2190, 0x21ff), (0x1f600, 0x1f64f), (0x1d400, 0x1d433)];

    private readonly Random _chance = new(seed);

    public string Next(int parts)
    {
        var text = new StringBuilder();
        for (var i = 0; i < parts; i++)
        {
            text.Append(_chance.Next(4) == 0 ? Character() : Parts[_chance.Next(Parts.Length)]);
            if (_chance.Next(4) == 0)
            {
                text.Append(' ');
            }
        }

        return text.ToString();
    }

    private string Character()
    {
        var (first, last) = Ranges[_chance.Next(Ranges.Length)];
        var rune = new Rune(_chance.Next(first, last + 1));
        return Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherNotAssigned ? "?" : rune.ToString();
    }
}
