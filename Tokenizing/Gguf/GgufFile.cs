namespace ComputeShare.Tokenizing.Gguf;

/// <summary>
/// A GGUF v3 file: metadata and F32/F16 tensors. Format: docs/gguf.md of the ggml project. Nothing in the file is trusted: each count,
/// length and offset is checked before use.
/// </summary>
public sealed class GgufFile
{
    private const uint Magic = 0x46554747; // "GGUF"
    private const uint Version = 3;
    private const int DefaultAlignment = 32;
    private const int MaxDimensions = 4;
    private const int FirstBytes = 4 * 1024 * 1024;

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
        var cursor = new GgufCursor(bytes);
        var (file, tensors) = ParseMetadata(cursor);
        file.ReadTensors(cursor, tensors, bytes);
        return file;
    }

    /// <summary>Without the tensors, which may be of any type and size: no more is read than the metadata needs.</summary>
    /// <exception cref="GgufException">The file is no GGUF.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static GgufFile ReadMetadata(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        for (var length = FirstBytes; ; length = Math.Min(length * 2, Array.MaxLength))
        {
            var start = new byte[Math.Min(length, file.Length)];
            file.Position = 0;
            file.ReadExactly(start);
            try
            {
                return ParseMetadata(new GgufCursor(start)).File;
            }
            catch (GgufException) when (start.Length < file.Length && start.Length < Array.MaxLength)
            {
                // The metadata goes on behind what was read, or is wrong: more of it tells.
            }
        }
    }

    private static (GgufFile File, int Tensors) ParseMetadata(GgufCursor cursor)
    {
        var file = new GgufFile();
        if (cursor.Remaining < sizeof(uint) || cursor.ReadUInt32() != Magic)
        {
            throw new GgufException("The file does not begin with \"GGUF\".");
        }

        if (cursor.ReadUInt32() is var version && version != Version)
        {
            throw new GgufException($"The file is GGUF version {version}; version {Version} is read here.");
        }

        var tensors = cursor.ReadCount(LeastTensorBytes, "The tensor count");
        var entries = cursor.ReadCount(LeastMetadataBytes, "The metadata count");
        file.ReadMetadata(cursor, entries);
        return (file, tensors);
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
            : throw new GgufException($"Tensor {name} has type {(int)type}; F32 and F16 are read here.");
    }
}
