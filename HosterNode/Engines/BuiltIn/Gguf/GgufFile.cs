namespace ComputeShare.HosterNode.Engines.BuiltIn.Gguf;

/// <summary>
/// A GGUF v3 file: metadata and F32/F16 tensors. Format: docs/gguf.md of the ggml project. Nothing in the file is trusted: each count,
/// length and offset is checked before use.
/// </summary>
internal sealed class GgufFile
{
    private const uint Magic = 0x46554747; // "GGUF"
    private const uint Version = 3;
    private const int DefaultAlignment = 32;
    private const int MaxDimensions = 4;

    // The least bytes of an entry: a key's length, a type and a one-byte value; a name's length, dimensions, type and offset.
    private const int LeastMetadataBytes = 13;
    private const int LeastTensorBytes = 24;

    private readonly Dictionary<string, object> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GgufTensor> _tensors = new(StringComparer.Ordinal);

    private GgufFile()
    {
    }

    public static GgufFile Parse(ReadOnlyMemory<byte> bytes)
    {
        var file = new GgufFile();
        var cursor = new GgufCursor(bytes);
        if (cursor.Remaining < sizeof(uint) || cursor.ReadUInt32() != Magic)
        {
            throw new GgufException("The file does not begin with \"GGUF\".");
        }

        if (cursor.ReadUInt32() is var version && version != Version)
        {
            throw new GgufException($"The file is GGUF version {version}; this engine reads version {Version}.");
        }

        var tensors = cursor.ReadCount(LeastTensorBytes, "The tensor count");
        var entries = cursor.ReadCount(LeastMetadataBytes, "The metadata count");
        file.ReadMetadata(cursor, entries);
        file.ReadTensors(cursor, tensors, bytes);
        return file;
    }

    public bool Has(string key) => _metadata.ContainsKey(key);

    /// <exception cref="GgufException">The key is missing, or holds something else than a <typeparamref name="T"/>.</exception>
    public T Get<T>(string key) => _metadata.TryGetValue(key, out var value)
        ? value is T typed ? typed : throw new GgufException($"Metadata {key} is a {value.GetType().Name}, not a {typeof(T).Name}.")
        : throw new GgufException($"Metadata {key} is missing.");

    /// <summary>A whole number from 1 to <paramref name="most"/>.</summary>
    public int GetSize(string key, int most)
    {
        var value = Get<long>(key);
        return value >= 1 && value <= most ? (int)value : throw new GgufException($"Metadata {key} is {value}; it must be from 1 to {most}.");
    }

    /// <exception cref="GgufException">The tensor is missing or has another shape.</exception>
    public float[] GetTensor(string name, params ReadOnlySpan<int> shape)
    {
        if (!_tensors.TryGetValue(name, out var tensor))
        {
            throw new GgufException($"Tensor {name} is missing.");
        }

        return shape.SequenceEqual(tensor.Shape.ToArray())
            ? tensor.ToSingles()
            : throw new GgufException($"Tensor {name} has shape [{string.Join(", ", tensor.Shape)}], not [{string.Join(", ", shape.ToArray())}].");
    }

    private void ReadMetadata(GgufCursor cursor, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var key = cursor.ReadString();
            if (!_metadata.TryAdd(key, GgufValue.Read(cursor)))
            {
                throw new GgufException($"Metadata {key} is there twice.");
            }
        }
    }

    private void ReadTensors(GgufCursor cursor, int count, ReadOnlyMemory<byte> bytes)
    {
        var headers = new (string Name, int[] Shape, GgufTensorType Type, ulong Offset)[count];
        for (var i = 0; i < count; i++)
        {
            headers[i] = ReadTensorHeader(cursor);
        }

        var alignment = Has("general.alignment") ? GetSize("general.alignment", 1 << 20) : DefaultAlignment;
        var start = (ulong)(cursor.Position + alignment - 1) / (ulong)alignment * (ulong)alignment;
        foreach (var (name, shape, type, offset) in headers)
        {
            var length = (ulong)GgufTensor.SizeOf(type);
            foreach (var size in shape)
            {
                length = checked(length * (ulong)size);
                if (length > (ulong)bytes.Length)
                {
                    break;
                }
            }

            var room = (ulong)bytes.Length > start ? (ulong)bytes.Length - start : 0;
            if (offset % (ulong)alignment != 0 || length > room || offset > room - length)
            {
                throw new GgufException($"Tensor {name} (offset {offset}) does not lie within the file at an aligned place.");
            }

            if (!_tensors.TryAdd(name, new(name, shape, type, bytes.Slice((int)(start + offset), (int)length))))
            {
                throw new GgufException($"Tensor {name} is there twice.");
            }
        }
    }

    private static (string Name, int[] Shape, GgufTensorType Type, ulong Offset) ReadTensorHeader(GgufCursor cursor)
    {
        var name = cursor.ReadString();
        var dimensions = cursor.ReadUInt32();
        if (dimensions is 0 or > MaxDimensions)
        {
            throw new GgufException($"Tensor {name} has {dimensions} dimensions.");
        }

        var shape = new int[dimensions];
        for (var i = 0; i < shape.Length; i++)
        {
            var size = cursor.ReadUInt64();
            shape[i] = size is > 0 and <= int.MaxValue ? (int)size : throw new GgufException($"Tensor {name} has a dimension of {size}.");
        }

        var type = (GgufTensorType)cursor.ReadUInt32();
        return Enum.IsDefined(type)
            ? (name, shape, type, cursor.ReadUInt64())
            : throw new GgufException($"Tensor {name} has type {(int)type}; this engine reads F32 and F16.");
    }
}
