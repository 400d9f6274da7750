using System.IO.Compression;
using System.Text.Json;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Keys;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Chat;
using ComputeShare.Gateway.OpenAI.Embeddings;
using ComputeShare.Gateway.OpenAI.Responses;
using ComputeShare.Gateway.OpenAI.TextCompletions;
using ComputeShare.Gateway.Scheduling;
using ComputeShare.TestSupport.Fuzzing;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>
/// One hostile body after the other through the gateway's reading, packed and cut into pieces. Whatever comes, it is refused with a documented
/// error that repeats nothing of it, or what comes out is what the rest of the gateway, and a node, may rely on.
/// </summary>
internal sealed class RequestFuzz
{
    private static readonly FuzzCases Cases = new("Request");

    private const int MostMessage = 400;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 70 };

    private static readonly (Func<HostileBody, byte[]> Make, Func<JsonElement, object> Read)[] Endpoints =
    [
        (body => body.Chat(), ChatRequestReader.Read),
        (body => body.Chat(), ChatRequestReader.Read),
        (body => body.Response(), ResponseRequestReader.Read),
        (body => body.Response(), ResponseRequestReader.Read),
        (body => body.Completion(), TextCompletionRequestReader.Read),
        (body => body.Embedding(), EmbeddingRequestReader.Read),
        (body => body.KeyTerms(), KeyTermsReader.Read),
        (body => body.KeyTerms(), KeyTermsReader.ReadNameAndEnd),
        (body => body.Grace(), body => KeyTermsReader.ReadGrace(body)),
        (body => body.Join(), body => JoinRequestReader.Read(body, ByteString.Empty)),
    ];

    // For large bodies.
    private static readonly IServiceProvider Services = new ServiceCollection()
        .AddSingleton(new BodyBudget(Options.Create(new BodyOptions()), TimeProvider.System))
        .BuildServiceProvider();

    /// <summary>How many bodies were taken, and how many refused.</summary>
    public (long Taken, long Refused) Ends { get; private set; }

    /// <summary>Runs one case.</summary>
    /// <exception cref="BrokenCaseException">Something happened that must not; the message has the case's number.</exception>
    public Task RunAsync(int number) => Cases.RunAsync(number, RunCaseAsync);

    private async Task RunCaseAsync(int number)
    {
        var random = new Random(number);
        var (make, read) = Endpoints[random.Next(Endpoints.Length)];
        var bytes = make(new HostileBody(random));
        var request = Request(bytes, random);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var taken = await RequestBody.ReadJsonAsync(request, read, CancellationToken.None);
            Cases.RequireMemory(allocated, bytes.Length, number);
            Check(taken, number);
            Ends = (Ends.Taken + 1, Ends.Refused);
        }
        catch (RequestRefusedException refused)
        {
            Cases.RequireMemory(allocated, bytes.Length, number);
            Check(refused.Error, number);
            Ends = (Ends.Taken, Ends.Refused + 1);
        }
    }

    private static void Check(OpenAIError error, int number)
    {
        Cases.Require(error.Status is 400 or 413 or 415, number, "a documented status");
        Cases.Require(error.Message.Length is > 0 and < MostMessage && (error.Param?.Length ?? 0) < MostMessage, number, "an error in few words");
        Cases.Require(!$"{error.Message} {error.Param} {error.Code}".Contains(HostileJson.Marker, StringComparison.Ordinal), number, "an error that repeats nothing");
    }

    private static void Check(object taken, int number)
    {
        switch (taken)
        {
            case CompletionRequest request:
                Check(request, number);
                break;
            case KeyTerms terms:
                Cases.Require(terms.CalculateSize() < 64 * 1024, number, "terms of a bounded size");
                Cases.Require(terms.SpendCaps?.Caps.All(cap => cap.Amount >= 0) ?? true, number, "caps that are none below zero");
                break;
        }
    }

    private static void Check(CompletionRequest request, int number)
    {
        Cases.Require(request.Models.Count is > 0 and <= 9 && request.Models.All(model => model.Length is > 0 and <= 256), number, "a few models");
        Cases.Require(request.Choices is >= 1 and <= 8 && request.Stop.Count <= 4 && (request.MaxTokens ?? 1) <= int.MaxValue, number, "bounded asking");
        var (least, most) = (request.Prompt.Bounds.AtLeast, request.Prompt.Bounds.AtMost);
        Cases.Require(least <= most && request.Prompt.Bounds.Likely <= most, number, "bounds of the prompt in their order");
        using var work = JsonDocument.Parse(request.WorkBody, Strict);
        foreach (var field in work.RootElement.EnumerateObject())
        {
            Cases.Require(field.Name is not ("model" or "stream" or "max_tokens" or "stop" or "user" or "metadata" or "provider"), number, "a body of allowed fields");
        }

        var job = new GenerateRequest();
        request.Operation.SetWork(job, UnsafeByteOperations.UnsafeWrap(request.WorkBody));
        Cases.Require(job.CalculateSize() < 48 * 1024 * 1024, number, "a job that fits a message");
        _ = PrefixHashes.Of(request.WorkBody, new byte[32]);
    }

    private static HttpRequest Request(byte[] bytes, Random random)
    {
        var http = new DefaultHttpContext { RequestServices = Services };
        http.Features.Set<IHttpMaxRequestBodySizeFeature>(new NoLimit());
        http.Request.ContentType = random.Next(200) == 0 ? "text/plain" : "application/json";
        http.Request.Body = new CutStream(Pack(bytes, random, http.Request), random);
        return http.Request;
    }

    private static byte[] Pack(byte[] bytes, Random random, HttpRequest request)
    {
        if (random.Next(20) > 0)
        {
            return bytes;
        }

        using var packed = new MemoryStream();
        var encoding = random.Next(4);
        using (Stream packer = encoding switch { 0 => new GZipStream(packed, CompressionLevel.Fastest, true), 1 => new ZLibStream(packed, CompressionLevel.Fastest, true), _ => new BrotliStream(packed, CompressionLevel.Fastest, true) })
        {
            packer.Write(bytes);
        }

        // The last of them is not what it says.
        request.Headers.ContentEncoding = encoding switch { 0 => "gzip", 1 => "deflate", 2 => "br", _ => "gzip" };
        return packed.ToArray();
    }

    /// <summary>Gives its bytes in pieces of any length.</summary>
    private sealed class CutStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + random.Next(random.Next(2) == 0 ? 64 : 4096))], cancellationToken);
    }

    private sealed class NoLimit : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => false;

        public long? MaxRequestBodySize { get; set; }
    }
}
