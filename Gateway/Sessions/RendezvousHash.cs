using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ComputeShare.Gateway.Sessions;

/// <summary>Every gateway gives a key's highest weight to the same replica; when one leaves, only its keys move.</summary>
internal static class RendezvousHash
{
    public static ulong Weight(string key, string replica)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\n{replica}"), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}
