using System.Buffers.Binary;

namespace ComputeShare.Tokenizing.Gguf;

/// <summary>The tensor types that are read here, with GGUF's numbers.</summary>
public enum GgufTensorType
{
    F32 = 0,
    F16 = 1,
}

/// <param name="Name">Such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Shape">Elements per dimension; the first one is contiguous.</param>
/// <param name="Type">How an element is stored.</param>
/// <param name="Data">The elements' bytes.</param>
public sealed record GgufTensor(string Name, IReadOnlyList<int> Shape, GgufTensorType Type, ReadOnlyMemory<byte> Data)
{
    public float[] ToSingles()
    {
        var data = Data.Span;
        var values = new float[data.Length / SizeOf(Type)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Type == GgufTensorType.F32
                ? BinaryPrimitives.ReadSingleLittleEndian(data[(i * sizeof(float))..])
                : (float)BinaryPrimitives.ReadHalfLittleEndian(data[(i * sizeof(ushort))..]);
        }

        return values;
    }

    public static int SizeOf(GgufTensorType type) => type == GgufTensorType.F32 ? sizeof(float) : sizeof(ushort);
}
