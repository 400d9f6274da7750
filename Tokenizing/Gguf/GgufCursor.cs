using System.Buffers.Binary;
using System.Text;

namespace ComputeShare.Tokenizing.Gguf;

/// <summary>Reads little-endian values in order; every read is checked against the end of the file.</summary>
public sealed class GgufCursor(ReadOnlyMemory<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public int Position { get; private set; }

    public int Remaining => bytes.Length - Position;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    public float ReadSingle() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    /// <summary>A count of things that each take at least <paramref name="leastBytes"/>: more than fit the rest of the file is an error.</summary>
    public int ReadCount(int leastBytes, string what)
    {
        var count = ReadUInt64();
        return count <= (ulong)(Remaining / leastBytes)
            ? (int)count
            : throw new GgufException($"{what} at byte {Position - sizeof(ulong)} claims {count} entries; the file has {Remaining} bytes left.");
    }

    public string ReadString()
    {
        var length = ReadCount(1, "A string");
        try
        {
            return StrictUtf8.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw new GgufException($"The string that ends at byte {Position} is not UTF-8.");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining)
        {
            throw new GgufException($"The file ends at byte {bytes.Length}, in the middle of a value that starts at byte {Position}.");
        }

        var taken = bytes.Span.Slice(Position, count);
        Position += count;
        return taken;
    }
}
