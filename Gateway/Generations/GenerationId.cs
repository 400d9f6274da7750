using System.Buffers.Binary;
using ComputeShare.Contracts;

namespace ComputeShare.Gateway.Generations;

/// <summary>A request's id in any of the forms that a client has seen it in.</summary>
internal static class GenerationId
{
    private static readonly string[] Prefixes = ["chatcmpl-", "cmpl-", "resp_", "req_"];

    public static bool TryParse(string text, out RequestId id) =>
        RequestId.TryParse(text[(Prefixes.FirstOrDefault(prefix => text.StartsWith(prefix, StringComparison.Ordinal))?.Length ?? 0)..], out id);

    /// <summary>The moment that a UUIDv7 begins with.</summary>
    public static DateTimeOffset CreatedAt(RequestId id)
    {
        Span<byte> milliseconds = stackalloc byte[sizeof(long)];
        Convert.FromHexString(id.Value.AsSpan(0, 12), milliseconds[2..], out _, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(milliseconds));
    }
}
