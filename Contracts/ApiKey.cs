using System.Security.Cryptography;
using System.Text;

namespace ComputeShare.Contracts;

/// <summary>
/// The text of a key: <c>ngk_</c> (consumer), <c>ngh_</c> (hoster) or <c>ngm_</c> (management), 32 random characters of 62 (190 bits),
/// and six checksum characters, so that junk is refused without asking anybody. Only <see cref="Hash"/> is stored.
/// </summary>
public static class ApiKey
{
    public const string ConsumerPrefix = "ngk_";
    public const string HosterPrefix = "ngh_";
    public const string ManagementPrefix = "ngm_";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly System.Buffers.SearchValues<char> AlphabetCharacters = System.Buffers.SearchValues.Create(Alphabet);

    private const int PrefixLength = 4;
    private const int RandomLength = 32;
    private const int ChecksumLength = 6;

    public static string Create(string prefix)
    {
        var body = prefix + RandomNumberGenerator.GetString(Alphabet, RandomLength);
        return body + Checksum(body);
    }

    /// <summary>The text has the shape and the checksum of a key with this prefix. Says nothing about whether the key exists.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> key, string prefix)
    {
        const int Length = PrefixLength + RandomLength + ChecksumLength;
        return key.Length == Length
            && key.StartsWith(prefix, StringComparison.Ordinal)
            && key[PrefixLength..].IndexOfAnyExcept(AlphabetCharacters) < 0
            && key[^ChecksumLength..].SequenceEqual(Checksum(key[..^ChecksumLength].ToString()));
    }

    /// <summary>SHA-256 of the whole key. The key's 190 random bits make a salt or a slow hash needless.</summary>
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static string Checksum(string body)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(body));
        return string.Create(ChecksumLength, hash, static (characters, bytes) =>
        {
            for (var i = 0; i < characters.Length; i++)
            {
                characters[i] = Alphabet[bytes[i] % Alphabet.Length];
            }
        });
    }
}
