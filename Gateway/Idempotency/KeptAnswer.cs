using System.Collections.Frozen;

namespace ComputeShare.Gateway.Idempotency;

/// <summary>An answer as it left: status, the headers that belong to it, and every byte of the body.</summary>
internal sealed record KeptAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The largest body that is kept.</summary>
    public const int MostBytes = 1024 * 1024;

    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(
        ["Content-Type", "Cache-Control", "X-Accel-Buffering", "x-should-retry", "x-computeshare-model", "x-computeshare-hoster",
            "x-computeshare-attempts", "x-computeshare-ignored"],
        StringComparer.OrdinalIgnoreCase);

    public static KeptAnswer Of(HttpResponse response, ReadOnlyMemory<byte> body) => new(
        response.StatusCode,
        [.. response.Headers.Where(header => Kept.Contains(header.Key)).Select(header => (header.Key, header.Value.ToString()))],
        body);

    public byte[] Write()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write7BitEncodedInt(Status);
        writer.Write7BitEncodedInt(Headers.Count);
        foreach (var (name, value) in Headers)
        {
            writer.Write(name);
            writer.Write(value);
        }

        writer.Write(Body.Span);
        writer.Flush();
        return bytes.ToArray();
    }

    public static KeptAnswer Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        using var reader = new BinaryReader(stream);
        var status = reader.Read7BitEncodedInt();
        var headers = new (string, string)[reader.Read7BitEncodedInt()];
        for (var index = 0; index < headers.Length; index++)
        {
            headers[index] = (reader.ReadString(), reader.ReadString());
        }

        return new KeptAnswer(status, headers, bytes.AsMemory((int)stream.Position));
    }

    /// <summary>Gives it again, and says so.</summary>
    public async Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        foreach (var (name, value) in Headers)
        {
            response.Headers[name] = value;
        }

        response.Headers["x-computeshare-replayed"] = "true";
        await response.BodyWriter.WriteAsync(Body, context.RequestAborted);
    }
}
