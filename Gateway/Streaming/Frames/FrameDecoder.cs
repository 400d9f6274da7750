using System.Text.Unicode;
using ComputeShare.Contracts.Inference;
using ComputeShare.ServiceDefaults.Texts;
using Google.Protobuf;

namespace ComputeShare.Gateway.Streaming.Frames;

/// <summary>
/// Reads frames. Those of most tokens have a place in the choice, text and a count, and are read into one and the same object; whatever has
/// more is the library's.
/// </summary>
internal sealed class FrameDecoder
{
    private const int Varint = (int)WireFormat.WireType.Varint;
    private const int Bytes = (int)WireFormat.WireType.LengthDelimited;
    private const int TagBits = 3;

    /// <summary>The one that plain frames are read into.</summary>
    public Frame Plain { get; } = new() { Delta = new Delta() };

    /// <returns>Valid until the next call.</returns>
    /// <exception cref="InvalidProtocolBufferException">It is no frame.</exception>
    public Frame Decode(ReadOnlySpan<byte> message) => IsPlain(message) ? Plain : Frame.Parser.ParseFrom(message);

    // Fields in their order, each once at most: as every library writes them.
    private bool IsPlain(ReadOnlySpan<byte> message)
    {
        if (!TryRead(ref message, out var tag) || tag != ((Frame.DeltaFieldNumber << TagBits) | Bytes)
            || !TryRead(ref message, out var length) || length != message.Length)
        {
            return false;
        }

        var delta = Plain.Delta;
        (delta.ChoiceIndex, delta.Position, delta.TokenCount, delta.Text, delta.Reasoning) = (0, 0, 0, "", "");
        for (var last = 0u; message.Length > 0; last = tag)
        {
            if (!TryRead(ref message, out tag) || tag <= last || !TryRead(ref message, out var value))
            {
                return false;
            }

            var isRead = tag switch
            {
                (Delta.ChoiceIndexFieldNumber << TagBits) | Varint => Set(delta.ChoiceIndex = value),
                (Delta.PositionFieldNumber << TagBits) | Varint => Set(delta.Position = value),
                (Delta.TokenCountFieldNumber << TagBits) | Varint => Set(delta.TokenCount = value),
                (Delta.TextFieldNumber << TagBits) | Bytes => TryTake(ref message, value, out var text) && Utf8.IsValid(text) && Set(delta.Text = TokenTexts.Of(text)),
                (Delta.ReasoningFieldNumber << TagBits) | Bytes => TryTake(ref message, value, out var text) && Utf8.IsValid(text) && Set(delta.Reasoning = TokenTexts.Of(text)),
                // For another node that goes on with the stream; the library reads them where they are wanted.
                (Delta.TokenIdsFieldNumber << TagBits) | Bytes => TryTake(ref message, value, out _),
                _ => false,
            };
            if (!isRead)
            {
                return false;
            }
        }

        return true;
    }

    private static bool Set<T>(T _) => true;

    private static bool TryTake(ref ReadOnlySpan<byte> message, uint length, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (length > message.Length)
        {
            return false;
        }

        taken = message[..(int)length];
        message = message[(int)length..];
        return true;
    }

    // Numbers above 28 bits are the library's too.
    private static bool TryRead(ref ReadOnlySpan<byte> message, out uint value)
    {
        value = 0;
        for (var at = 0; at < message.Length && at < 4; at++)
        {
            value |= (uint)(message[at] & 0x7F) << (7 * at);
            if (message[at] < 0x80)
            {
                message = message[(at + 1)..];
                return true;
            }
        }

        return false;
    }
}
