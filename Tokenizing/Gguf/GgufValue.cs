namespace ComputeShare.Tokenizing.Gguf;

/// <summary>
/// Metadata values, widened: whole numbers to <see cref="long"/>, others to <see cref="double"/>, and arrays of these.
/// </summary>
public static class GgufValue
{
    private const uint String = 8;
    private const uint Array = 9;

    public static object Read(GgufCursor cursor)
    {
        var type = cursor.ReadUInt32();
        if (type != Array)
        {
            return ReadScalar(cursor, type);
        }

        var elementType = cursor.ReadUInt32();
        var count = cursor.ReadCount(LeastBytes(elementType, cursor), "An array");
        return elementType switch
        {
            String => ReadArray<string>(cursor, elementType, count),
            6 or 12 => ReadArray<double>(cursor, elementType, count),
            7 => ReadArray<bool>(cursor, elementType, count),
            _ => ReadArray<long>(cursor, elementType, count),
        };
    }

    private static T[] ReadArray<T>(GgufCursor cursor, uint type, int count)
    {
        var values = new T[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = (T)ReadScalar(cursor, type);
        }

        return values;
    }

    // The numbers are GGUF's gguf_metadata_value_type.
    private static object ReadScalar(GgufCursor cursor, uint type) => type switch
    {
        0 => (long)cursor.ReadByte(),
        1 => (long)(sbyte)cursor.ReadByte(),
        2 => (long)cursor.ReadUInt16(),
        3 => (long)(short)cursor.ReadUInt16(),
        4 => (long)cursor.ReadUInt32(),
        5 => (long)(int)cursor.ReadUInt32(),
        6 => (double)cursor.ReadSingle(),
        7 => cursor.ReadByte() != 0,
        String => cursor.ReadString(),
        10 => cursor.ReadUInt64() is var value && value <= long.MaxValue
            ? (long)value
            : throw new GgufException($"The number that ends at byte {cursor.Position} is too large."),
        11 => (long)cursor.ReadUInt64(),
        12 => cursor.ReadDouble(),
        _ => throw Unknown(cursor, type),
    };

    private static int LeastBytes(uint type, GgufCursor cursor) => type switch
    {
        0 or 1 or 7 => 1,
        2 or 3 => 2,
        4 or 5 or 6 => 4,
        String or 10 or 11 or 12 => 8,
        _ => throw Unknown(cursor, type),
    };

    private static GgufException Unknown(GgufCursor cursor, uint type) => new($"Value type {type} at byte {cursor.Position} is not known.");
}
