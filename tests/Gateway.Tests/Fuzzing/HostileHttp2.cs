using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>What a node's end of a tunnel might send that is broken, or means harm: HTTP/2 mostly, and wrong somewhere.</summary>
internal sealed class HostileHttp2(Random random)
{
    private const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Push = 5, Ping = 6, GoAway = 7, Window = 8, Continuation = 9;
    private const byte EndStream = 1, EndHeaders = 4, Padded = 8;

    // Of one tunnel in three nothing is wrong, of another little, of the last much.
    private readonly int _malice = random.Next(3);
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>How many of the bytes come before the gateway has asked anything.</summary>
    public int Greeting { get; private set; }

    /// <param name="messages">Of the call.</param>
    public byte[] Next(IReadOnlyList<byte[]> messages)
    {
        if (!Wrong(5))
        {
            Write(Settings, 0, 0, Wrong(20) ? Setting() : []);
        }

        Greeting = Wrong(5) ? int.MaxValue : _bytes.WrittenCount;
        Write(Settings, Wrong(10) ? (byte)0 : (byte)1, 0, []);
        Disturb();
        Write(Headers, EndHeaders, 1, ResponseHeaders());
        foreach (var message in messages)
        {
            Disturb();
            WriteMessage(message);
        }

        Disturb();
        if (!Wrong(10))
        {
            Write(Headers, EndHeaders | EndStream, 1, Literal("grpc-status", Wrong(10) ? "x" : Wrong(10) ? "14" : "0"));
        }

        Disturb();
        return Mutate(_bytes.WrittenSpan.ToArray());
    }

    private byte[] ResponseHeaders()
    {
        byte[] status = Wrong(5) ? [0x8d] : Wrong(5) ? [] : [0x88];
        byte[] type = Literal("content-type", Wrong(5) ? "text/html" : "application/grpc");
        return Wrong(3) ? [.. status, 0xFF, 0xFF, 0xFF] : Wrong(3) ? [.. status, .. type, .. Literal("x", new string('y', random.Next(40_000)))] : [.. status, .. type];
    }

    private void WriteMessage(byte[] message)
    {
        var framed = new byte[5 + message.Length];
        framed[0] = Wrong(3) ? (byte)random.Next(3) : (byte)0;
        var length = Wrong(3) ? (uint)random.NextInt64(uint.MaxValue) : (uint)message.Length;
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(1), length);
        message.CopyTo(framed, 5);
        for (var at = 0; at < framed.Length;)
        {
            var count = random.Next(3) == 0 ? random.Next(1, framed.Length - at + 1) : framed.Length - at;
            Write(Data, 0, Wrong(2) ? 3u : 1, framed.AsSpan(at, count).ToArray());
            at += count;
        }
    }

    /// <summary>Something between, which a connection may have, or must not.</summary>
    private void Disturb()
    {
        if (!Wrong(15))
        {
            return;
        }

        var stream = (uint)random.Next(4);
        switch (random.Next(12))
        {
            case 0:
                Write(Ping, 0, 0, new byte[Wrong(20) ? random.Next(20) : 8]);
                break;
            case 1:
                Write(Window, 0, stream, Number(Wrong(30) ? 0 : (uint)random.NextInt64(uint.MaxValue)));
                break;
            case 2:
                Write(Reset, 0, stream, Number((uint)random.Next(16)));
                break;
            case 3:
                Write(GoAway, 0, 0, [.. Number((uint)random.Next(4)), .. Number((uint)random.Next(16))]);
                break;
            case 4:
                Write(Push, EndHeaders, stream, [.. Number(2), .. ResponseHeaders()]);
                break;
            case 5:
                Write(Continuation, EndHeaders, stream, ResponseHeaders());
                break;
            case 6:
                Write(Settings, 0, stream, Setting());
                break;
            case 7:
                Write(Data, Padded, 1, [(byte)random.Next(256), 0, 0]);
                break;
            case 8:
                Write(Headers, (byte)random.Next(64), stream, ResponseHeaders());
                break;
            case 9:
                Write((byte)random.Next(10, 256), (byte)random.Next(256), stream, new byte[random.Next(100)]);
                break;
            case 10:
                Write(Data, EndStream, 1, []);
                break;
            default:
                _bytes.Write<byte>([0xFF, 0xFF, 0xFF, Data, 0, 0, 0, 0, 1]);
                break;
        }
    }

    private byte[] Setting() => [0, (byte)random.Next(8), .. Number((uint)random.NextInt64(uint.MaxValue))];

    private void Write(byte type, byte flags, uint stream, byte[] payload)
    {
        _bytes.Write<byte>([(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, .. Number(stream), .. payload]);
    }

    // Without an index and without Huffman: a length of less than 127, or in the bytes that follow.
    private static byte[] Literal(string name, string value) => [0, .. Length(name.Length), .. Encoding.ASCII.GetBytes(name), .. Length(value.Length), .. Encoding.ASCII.GetBytes(value)];

    private static byte[] Length(int length)
    {
        if (length < 127)
        {
            return [(byte)length];
        }

        var bytes = new List<byte> { 127 };
        for (length -= 127; length >= 128; length /= 128)
        {
            bytes.Add((byte)((length % 128) + 128));
        }

        return [.. bytes, (byte)length];
    }

    private static byte[] Number(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private byte[] Mutate(byte[] bytes)
    {
        for (var change = Wrong(15) ? random.Next(4) : 0; change > 0; change--)
        {
            var at = random.Next(bytes.Length);
            bytes = random.Next(3) switch
            {
                0 => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
                1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                _ => bytes[..(at + 1)],
            };
        }

        return bytes;
    }

    private bool Wrong(int percent) => random.Next(200) < percent * _malice;
}
