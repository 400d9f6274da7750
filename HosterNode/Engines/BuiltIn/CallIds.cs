using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>
/// Ids of tool calls. Equal requests get equal ones; a conversation that goes on never gets one twice, because its prompt has grown.
/// </summary>
internal static class CallIds
{
    private const int Digits = 24;

    public static string Of(IEnumerable<int> prompt, ulong seed, int choice, int call)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        foreach (var number in (IEnumerable<ulong>)[seed, (ulong)choice, (ulong)call, .. prompt.Select(token => (ulong)token)])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
            hash.AppendData(bytes);
        }

        return "call_" + Convert.ToHexStringLower(hash.GetHashAndReset())[..Digits];
    }
}
