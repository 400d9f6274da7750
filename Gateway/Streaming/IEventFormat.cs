using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Streaming;

/// <summary>
/// The events of one operation's stream. <see cref="SseAnswer"/> decides when they leave; calls do not overlap. Writing a piece is the token
/// path: it allocates nothing that a token does not need.
/// </summary>
internal interface IEventFormat
{
    void WritePiece(SseWriter writer, in TextPiece piece);

    /// <summary>Everything that comes after the last piece.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="choices">How each ended.</param>
    /// <param name="openedEarly">The headers left before it was known who serves.</param>
    void WriteEnd(SseWriter writer, IReadOnlyList<ChoiceText> choices, bool openedEarly);

    /// <summary>
    /// The last event after a failure: no <c>[DONE]</c> and no finish reason. An end without it would look like success (WIRE 43, 44).
    /// </summary>
    void WriteError(SseWriter writer, OpenAIError error);
}
