using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace ComputeShare.TinyModel.Samples;

/// <summary>Asks the engine of HosterNode, as a gateway does.</summary>
internal sealed class Speaker : IDisposable
{
    private const uint MostTokens = 300;

    private readonly ComputeThreads _threads = new(1);
    private readonly BuiltInEngine _engine;

    public Speaker(string path) =>
        _engine = new BuiltInEngine(BuiltInModel.Load(path), _threads, Options.Create(new BuiltInEngineOptions()), TimeProvider.System);

    public void Dispose() => _threads.Dispose();

    public async Task<string> AskAsync(string prompt, double temperature)
    {
        var body = new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt }),
            ["temperature"] = temperature,
            ["seed"] = 1,
        };
        var request = new GenerateRequest
        {
            RequestId = "sample",
            Slots = 1,
            Model = ModelShape.Name,
            MaxTokens = MostTokens,
            Chat = new ChatWork { Body = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(body)) },
        };
        var text = new StringBuilder();
        await foreach (var frame in _engine.GenerateAsync(request, CancellationToken.None))
        {
            text.Append(frame.Delta?.Text);
        }

        return text.ToString();
    }
}
