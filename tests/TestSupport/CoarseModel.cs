using System.Buffers.Binary;

namespace ComputeShare.TestSupport;

/// <summary>The committed small model with fewer bits in its weights: another precision, or another model.</summary>
public static class CoarseModel
{
    /// <param name="lostBits">Of each weight's mantissa of ten: three leave it the precision of bfloat16, nine leave another model.</param>
    public static byte[] Bytes(int lostBits)
    {
        var file = File.ReadAllBytes(Repository.PathOf("HosterNode", "Models", "tiny.gguf"));

        // Metadata and vocabulary, at the beginning, take a tenth of it at most.
        for (var at = file.Length / 10 & ~1; at + 1 < file.Length; at += 2)
        {
            var half = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)(half & (ushort.MaxValue << lostBits)));
        }

        return file;
    }
}
