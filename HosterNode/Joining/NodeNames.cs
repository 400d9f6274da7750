using System.Security.Cryptography;

namespace ComputeShare.HosterNode.Joining;

/// <summary>An id for a node whose owner gave it none: its machine's name, and something that no other machine of that name has.</summary>
internal static class NodeNames
{
    private const int MostOfName = 40;
    private const int RandomDigits = 6;

    public static string Make(string machine)
    {
        var name = new string([.. machine.ToLowerInvariant().Select(character => char.IsAsciiLetterOrDigit(character) ? character : '-').Take(MostOfName)]).Trim('-');
        return $"{(name.Length == 0 ? "node" : name)}-{RandomNumberGenerator.GetHexString(RandomDigits, lowercase: true)}";
    }
}
