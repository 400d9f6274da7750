using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>
/// One request over a bare socket, read until the server closes it, as it must after an error; after <c>[DONE]</c> it need not.
/// </summary>
internal static class RawExchange
{
    private const string EndOfHead = "\r\n\r\n";

    /// <returns>The response, and whether its chunked body ended as it must.</returns>
    public static async Task<(ChatAnswer Answer, bool BodyEnded)> StreamAsync(
        ChatClient client, int maxTokens, ActivityContext trace, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(client.Gateway.Host, client.Gateway.Port, cancellationToken);
        await using var network = socket.GetStream();
        var body = JsonSerializer.SerializeToUtf8Bytes(ChatClient.Body(maxTokens, stream: true));
        // No "connection: close": whether it is closed is the server's decision.
        await network.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {client.Key}\r\n"
            + $"traceparent: 00-{trace.TraceId}-{trace.SpanId}-01\r\n"
            + $"content-type: application/json\r\ncontent-length: {body.Length}{EndOfHead}"), cancellationToken);
        await network.WriteAsync(body, cancellationToken);
        var received = new StringBuilder();
        var buffer = new byte[4096];
        int count;
        while (!IsDone(received) && (count = await network.ReadAsync(buffer, cancellationToken)) > 0)
        {
            received.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return Read(received.ToString());
    }

    private static bool IsDone(StringBuilder received)
    {
        var text = received.ToString();
        return text.EndsWith("0" + EndOfHead, StringComparison.Ordinal) && text.Contains("data: [DONE]", StringComparison.Ordinal);
    }

    private static (ChatAnswer Answer, bool BodyEnded) Read(string text)
    {
        var head = text[..text.IndexOf(EndOfHead, StringComparison.Ordinal)].Split("\r\n");
        using var response = new HttpResponseMessage((System.Net.HttpStatusCode)int.Parse(head[0].Split(' ')[1], CultureInfo.InvariantCulture));
        foreach (var header in head.Skip(1))
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            response.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].Trim());
        }

        var answer = new ChatAnswer();
        answer.Begin(response);
        var (body, ended) = Unchunk(text[(text.IndexOf(EndOfHead, StringComparison.Ordinal) + EndOfHead.Length)..]);
        foreach (var line in body.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)))
        {
            answer.Take(line["data: ".Length..]);
        }

        return (answer, ended);
    }

    private static (string Body, bool Ended) Unchunk(string rest)
    {
        var body = new StringBuilder();
        while (rest.IndexOf("\r\n", StringComparison.Ordinal) is var end and > 0)
        {
            var length = int.Parse(rest[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                return (Utf8(body), rest == "0" + EndOfHead);
            }

            body.Append(rest, end + 2, length);
            rest = rest[(end + 2 + length + 2)..];
        }

        return (Utf8(body), false);
    }

    private static string Utf8(StringBuilder bytes) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes.ToString()));
}
