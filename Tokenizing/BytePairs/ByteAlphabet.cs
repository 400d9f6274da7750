namespace ComputeShare.Tokenizing.BytePairs;

/// <summary>
/// GPT-2's way to write any byte as a visible character: printable Latin-1 stands for itself, every other byte for the next free
/// character from U+0100 on. The vocabulary's tokens are written in it.
/// </summary>
public static class ByteAlphabet
{
    public const int Size = 256;

    private const int FirstStandIn = 0x100;
    private static readonly char[] CharacterOf = new char[Size];
    private static readonly Dictionary<char, byte> ByteOf = new(Size);

    static ByteAlphabet()
    {
        var standIn = (char)FirstStandIn;
        for (var value = 0; value < Size; value++)
        {
            var visible = value is (>= '!' and <= '~') or (>= '\u00a1' and <= '\u00ac') or (>= '\u00ae' and <= '\u00ff');
            CharacterOf[value] = visible ? (char)value : standIn++;
            ByteOf[CharacterOf[value]] = (byte)value;
        }
    }

    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            characters[i] = CharacterOf[bytes[i]];
        }

        return new string(characters);
    }

    /// <summary>False when a character stands for no byte.</summary>
    public static bool TryRead(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (!ByteOf.TryGetValue(text[i], out bytes[i]))
            {
                return false;
            }
        }

        return true;
    }
}
