using System.Text;
using BenchmarkDotNet.Attributes;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Engines.OpenAI.Profiles;
using ComputeShare.HosterNode.Engines.OpenAI.Requests;
using ComputeShare.HosterNode.Engines.OpenAI.Streaming;
using Google.Protobuf;

namespace ComputeShare.MicroBenchmarks;

/// <summary>One token in a node, from the engine's event to the frame; gRPC and the network are left out.</summary>
public class NodeBenchmarks
{
    private const int Tokens = 1000;

    private readonly byte[] _events = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, Tokens).Select(_ =>
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" token\"},\"finish_reason\":null}]}\n\n"))
        + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n");

    private readonly EngineWork _work = EngineWork.Read(
        new GenerateRequest { Model = "m", Slots = 1, MaxTokens = Tokens, Chat = new ChatWork { Body = ByteString.CopyFromUtf8("""{"messages":[]}""") } },
        new EngineModel("m", "", "", 4096, [], ""),
        new EngineDialect(new PlainProfile(), ""));

    [Benchmark(OperationsPerInvoke = Tokens)]
    public async Task<uint> ReadEngine()
    {
        using var body = new MemoryStream(_events);
        var tokens = 0u;
        await foreach (var frame in new ChoiceStream(null!, _work, choice: 0, null!).ReadAsync(body, CancellationToken.None))
        {
            tokens += frame.Delta?.TokenCount ?? 0;
        }

        return tokens;
    }
}
