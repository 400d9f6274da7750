using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.OpenAI.Responses;
using ComputeShare.Gateway.Streaming;
using ComputeShare.Gateway.Streaming.Frames;
using ComputeShare.ServiceDefaults.Faults;
using ComputeShare.TestSupport.Fuzzing;
using ComputeShare.Tokenizing;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>
/// One hostile node after the other before the gateway's relay, in whichever form the answer leaves. Whatever comes, the client gets a whole answer or a
/// documented error, pays for no more than it asked for, and the gateway has not thrown.
/// </summary>
internal sealed class FrameFuzz(TextTokenizer tokenizer) : IDisposable
{
    private static readonly FuzzCases Cases = new("Frames");

    // What an answer may have beside so much for each byte of the node's: a response repeats its text, and JSON escapes it.
    private const int MostBytes = 16 * 1024;
    private const int MostBytesPerFrame = 4 * 1024;
    private const int MostBytesPerByte = 60;

    private static readonly string[] Reasons = ["stop", "length", "tool_calls", "content_filter"];
    private static readonly StreamingOptions Deadlines = new();

    private readonly InstantBilling _billing = new();

    /// <summary>How many answers were whole, and how many failed.</summary>
    public (long Whole, long Failed) Ends { get; private set; }

    /// <summary>Runs one case.</summary>
    /// <exception cref="BrokenCaseException">Something happened that must not; the message has the case's number.</exception>
    public Task RunAsync(int number) => Cases.RunAsync(number, RunCaseAsync);

    public void Dispose() => _billing.Dispose();

    private async Task RunCaseAsync(int number)
    {
        var random = new Random(number);
        using var response = new MemoryResponse();
        var request = Request(random);
        var account = InstantBilling.Account(random.Next(5) == 0 ? (uint)random.Next(1, 20) : uint.MaxValue);
        var context = new CompletionContext(response.NewContext(), new Caller("", account), request, TimeProvider.System)
        {
            Meter = random.Next(2) == 0 ? ModelMeter.Unknown : new ModelMeter(tokenizer, 0, 0),
        };
        context.Hold = _billing.NewHold(context.Id.Value, account, new HoldSizes(request.Embeddings is null ? 8u : 0, 4, request.MaxTokens * request.Choices));
        await context.Hold.PlaceAsync("price", 1);
        var frames = new HostileFrames(random);
        var messages = frames.Next(request.Choices, request.Embeddings?.Inputs ?? 0);
        using var node = new ScriptedNode(messages, breaks: frames.Breaks(), random);
        context.Outcome = await AnswerAsync(context, node.Way);
        Cases.Require(response.Length <= MostBytes + (MostBytesPerFrame * messages.Count) + (MostBytesPerByte * messages.Sum(message => message.Length)), number, "an answer of a bounded size");
        Cases.Require(request.MaxTokens is not { } most || context.Delivered.Written <= most * request.Choices, number, "within max_tokens");
        Cases.Require(context.Delivered.Written <= context.Hold.Covered, number, "covered by the hold");
        Cases.Require(!(context.Outcome.Error is not null && response.Text.Contains(HostileJson.Marker, StringComparison.Ordinal)), number, "without the node's words");
        Ends = Check(context, response, number) ? (Ends.Whole + 1, Ends.Failed) : (Ends.Whole, Ends.Failed + 1);
    }

    private static async Task<CompletionOutcome> AnswerAsync(CompletionContext context, NodeWay node)
    {
        await using ICompletionAnswer answer = context.Request.Stream
            ? new SseAnswer(context, Deadlines, TimeProvider.System)
            : new WholeAnswer(context);
        CompletionOutcome outcome;
        await using (var reader = new NodeStreamReader(stop => new GenerateCall(node, new GenerateRequest(), stop), Deadlines, TimeProvider.System, context.Arrived, CancellationToken.None))
        {
            outcome = context.Request.Embeddings is null
                ? await new TokenRelay(context, answer, reader, FaultPoints.None, TimeProvider.System).RunAsync(CancellationToken.None)
                : await new EmbeddingRelay(context, answer, reader, TimeProvider.System).RunAsync();
        }

        if (outcome.Error is not null)
        {
            await answer.FailAsync(outcome);
        }

        return outcome;
    }

    /// <returns>Whether the answer is whole; else it is a failed one.</returns>
    private static bool Check(CompletionContext context, MemoryResponse response, int number)
    {
        var isWhole = context.Outcome.Error is null;
        Cases.Require(!isWhole || context.Outcome == CompletionOutcome.Completed || context.Outcome == CompletionOutcome.CreditEnded, number, "an end that is one");
        if (response.Headers.ContentType.ToString().StartsWith("text/event-stream", StringComparison.Ordinal))
        {
            CheckEvents(context, response.Text, isWhole, number);
            return isWhole;
        }

        using var body = JsonDocument.Parse(response.Text);
        var isError = body.RootElement.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null;
        Cases.Require(isWhole == (response.StatusCode == 200) && isWhole != isError, number, "an answer or an error");
        if (isWhole && body.RootElement.TryGetProperty("choices", out var choices))
        {
            Cases.Require(choices.GetArrayLength() == context.Request.Choices && choices.EnumerateArray().All(HasReason), number, "a choice for each that was asked for, with its reason");
        }

        return isWhole;
    }

    private static void CheckEvents(CompletionContext context, string text, bool isWhole, int number)
    {
        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(said => said[(said.IndexOf("data: ", StringComparison.Ordinal) + 6)..]).ToList();
        var isResponse = context.Request.Operation == Operation.Response;
        if (!isResponse)
        {
            Cases.Require((events[^1] == "[DONE]") == isWhole, number, "[DONE] at the end of a whole stream, and of no other");
            events.Remove("[DONE]");
        }

        var reasons = 0;
        for (var index = 0; index < events.Count; index++)
        {
            using var data = JsonDocument.Parse(events[index]);
            var isError = data.RootElement.TryGetProperty("error", out _);
            Cases.Require(isError == (!isWhole && index == events.Count - 1), number, "an error at the end of a broken stream, and nowhere else");
            reasons += data.RootElement.TryGetProperty("choices", out var choices) ? choices.EnumerateArray().Count(HasReason) : 0;
        }

        Cases.Require(isResponse || reasons == (isWhole ? context.Request.Choices : 0), number, "one reason for each choice");
    }

    private static bool HasReason(JsonElement choice) =>
        choice.TryGetProperty("finish_reason", out var reason) && reason.ValueKind == JsonValueKind.String && Reasons.Contains(reason.GetString());

    private static CompletionRequest Request(Random random)
    {
        Operation[] operations = [Operation.Chat, Operation.Chat, Operation.Chat, Operation.TextCompletion, Operation.Response, Operation.Embedding];
        var operation = operations[random.Next(operations.Length)];
        var embeds = operation == Operation.Embedding;
        string[][] stops = [[], [], ["END"], ["a", "\n\n"], ["🎉"]];
        return new CompletionRequest
        {
            Operation = operation,
            Models = ["auto"],
            WorkBody = default,
            Prompt = PromptText.OfMessages(["?"], 1),
            Choices = embeds || operation == Operation.Response ? 1 : (uint)random.Next(1, 4),
            Stream = !embeds && random.Next(2) == 0,
            IncludeUsage = random.Next(2) == 0,
            MaxTokens = embeds ? 0 : random.Next(2) == 0 ? (uint)random.Next(1, 12) : null,
            Stop = embeds ? [] : stops[random.Next(stops.Length)],
            Logprobs = random.Next(2) == 0,
            MayCallTools = operation != Operation.TextCompletion && random.Next(2) == 0,
            Echo = new ResponseEcho(),
            Embeddings = embeds ? new EmbeddingShape(random.Next(1, 5), random.Next(2) == 0) : null,
        };
    }
}
