using System.Text.Json;
using BenchmarkDotNet.Attributes;
using ComputeShare.Gateway.OpenAI.Chat;

namespace ComputeShare.MicroBenchmarks;

/// <summary>A chat's body from JSON to the validated request and the body that a node gets.</summary>
public class RequestBenchmarks
{
    private byte[] _body = [];

    /// <summary>Of the conversation.</summary>
    [Params(1, 32)]
    public int Kilobytes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        const string Sentence = "The quiet garden's door is open, and I know why: 123 birds. ";
        var turns = Enumerable.Range(0, 2 * Kilobytes).Select(turn => new { role = turn % 2 == 0 ? "user" : "assistant", content = string.Concat(Enumerable.Repeat(Sentence, 8)) });
        _body = JsonSerializer.SerializeToUtf8Bytes(new { model = "auto", messages = turns, temperature = 0.7, stream = true, max_tokens = 200 });
    }

    [Benchmark]
    public object ReadChat()
    {
        using var json = JsonDocument.Parse(_body);
        return ChatRequestReader.Read(json.RootElement);
    }
}
