using System.Text;

namespace ComputeShare.TinyModel;

/// <summary>Writes GGUF v3: header, metadata, tensor headers, then the tensors, each at a multiple of 32 bytes.</summary>
internal sealed class GgufWriter : IDisposable
{
    private const int Alignment = 32;
    private const uint Single = 0;
    private const uint Half = 1;

    private readonly MemoryStream _metadata = new();
    private readonly MemoryStream _headers = new();
    private readonly MemoryStream _data = new();
    private ulong _entries;
    private ulong _tensors;

    public void Add(string key, uint value) => AddEntry(key, 4, writer => writer.Write(value));

    public void Add(string key, float value) => AddEntry(key, 6, writer => writer.Write(value));

    public void Add(string key, bool value) => AddEntry(key, 7, writer => writer.Write(value));

    public void Add(string key, string value) => AddEntry(key, 8, writer => WriteText(writer, value));

    public void Add(string key, IReadOnlyCollection<string> values) => AddEntry(key, 9, writer =>
    {
        writer.Write(8u);
        writer.Write((ulong)values.Count);
        foreach (var value in values)
        {
            WriteText(writer, value);
        }
    });

    public void Add(string key, IReadOnlyCollection<int> values) => AddEntry(key, 9, writer =>
    {
        writer.Write(5u);
        writer.Write((ulong)values.Count);
        foreach (var value in values)
        {
            writer.Write(value);
        }
    });

    public void Add(string key, IReadOnlyCollection<float> values) => AddEntry(key, 9, writer =>
    {
        writer.Write(6u);
        writer.Write((ulong)values.Count);
        foreach (var value in values)
        {
            writer.Write(value);
        }
    });

    /// <summary>A matrix of half-precision rows.</summary>
    public void AddMatrix(string name, int columns, int rows, ReadOnlySpan<float> values)
    {
        AddHeader(name, Half, columns, rows);
        using var writer = Writer(_data);
        foreach (var value in values[..(columns * rows)])
        {
            writer.Write((System.Half)value);
        }
    }

    /// <summary>A single-precision vector.</summary>
    public void AddVector(string name, ReadOnlySpan<float> values)
    {
        AddHeader(name, Single, values.Length);
        using var writer = Writer(_data);
        foreach (var value in values)
        {
            writer.Write(value);
        }
    }

    public byte[] ToArray()
    {
        using var file = new MemoryStream();
        using var writer = Writer(file);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(_tensors);
        writer.Write(_entries);
        writer.Write(_metadata.ToArray());
        writer.Write(_headers.ToArray());
        Pad(file);
        writer.Write(_data.ToArray());
        Pad(file);
        return file.ToArray();
    }

    public void Dispose()
    {
        _metadata.Dispose();
        _headers.Dispose();
        _data.Dispose();
    }

    private void AddEntry(string key, uint type, Action<BinaryWriter> write)
    {
        using var writer = Writer(_metadata);
        WriteText(writer, key);
        writer.Write(type);
        write(writer);
        _entries++;
    }

    private void AddHeader(string name, uint type, params int[] shape)
    {
        Pad(_data);
        using var writer = Writer(_headers);
        WriteText(writer, name);
        writer.Write((uint)shape.Length);
        foreach (var size in shape)
        {
            writer.Write((ulong)size);
        }

        writer.Write(type);
        writer.Write((ulong)_data.Length);
        _tensors++;
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pad(MemoryStream stream)
    {
        while (stream.Length % Alignment != 0)
        {
            stream.WriteByte(0);
        }
    }

    // BinaryWriter is little-endian on every machine, as GGUF is.
    private static BinaryWriter Writer(MemoryStream stream) => new(stream, Encoding.UTF8, leaveOpen: true);
}
