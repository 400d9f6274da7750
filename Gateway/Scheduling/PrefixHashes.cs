using System.Security.Cryptography;
using System.Text.Json;
using Google.Protobuf;

namespace ComputeShare.Gateway.Scheduling;

/// <summary>
/// Hashes of a prompt's beginnings, by which Schedulers find the node that holds them. The prompt is the work's canonical JSON: its tools, then
/// its messages, in blocks of 256 bytes; each hash covers all bytes up to the end of its block. Not every block has one: there are two per
/// doubling of the length, so that a prompt of a megabyte has 24 and one that was continued shares all but its last few.
/// </summary>
internal static class PrefixHashes
{
    public const int BlockBytes = 256;

    private const int HashBytes = 8;
    private const int MostBlocks = 4096;

    /// <param name="work">As a node gets it.</param>
    /// <param name="salt">The account's.</param>
    /// <returns>The shortest beginning first; none where the prompt fills no block.</returns>
    public static List<ByteString> Of(ReadOnlyMemory<byte> work, byte[] salt)
    {
        var (tools, prompt) = Find(work);
        var hashes = new List<ByteString>();
        if (prompt.Length < BlockBytes)
        {
            return hashes;
        }

        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, salt);
        hash.AppendData(tools.Span);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var done = 0;
        for (var step = 0; BlocksAt(step) is var blocks && blocks <= MostBlocks && blocks * BlockBytes <= prompt.Length; step++)
        {
            var end = blocks * BlockBytes;
            hash.AppendData(prompt.Span[done..end]);
            done = end;
            hash.GetCurrentHash(digest);
            hashes.Add(ByteString.CopyFrom(digest[..HashBytes]));
        }

        return hashes;
    }

    /// <summary>1, 2, 3, 4, 6, 8, 12, 16 …</summary>
    internal static int BlocksAt(int step) => step == 0 ? 1 : step % 2 == 1 ? 2 << (step / 2) : 3 << ((step / 2) - 1);

    // The values as they stand there; of a list without its end, so that one more message continues it.
    private static (ReadOnlyMemory<byte> Tools, ReadOnlyMemory<byte> Prompt) Find(ReadOnlyMemory<byte> work)
    {
        ReadOnlyMemory<byte> tools = default, prompt = default;
        var reader = new Utf8JsonReader(work.Span);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            var isTools = reader.ValueTextEquals("tools"u8);
            var isPrompt = reader.ValueTextEquals("messages"u8) || reader.ValueTextEquals("prompt"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = work[start..(int)reader.BytesConsumed];
            tools = isTools ? value : tools;
            prompt = isPrompt ? value[..^1] : prompt;
        }

        return (tools, prompt);
    }
}
