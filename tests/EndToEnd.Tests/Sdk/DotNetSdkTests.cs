using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Responses;
using ChatClient = OpenAI.Chat.ChatClient;

#pragma warning disable OPENAI001 // The SDK calls its Responses client experimental; it is the one that its users have.

namespace ComputeShare.EndToEnd.Tests.Sdk;

/// <summary>The official .NET SDK, pointed at the product by nothing but base address and key.</summary>
public sealed class DotNetSdkTests(Marketplace marketplace)
{
    private const string Cities = """{"type":"object","properties":{"city":{"type":"string","enum":["Paris","Oslo"]}},"required":["city"],"additionalProperties":false}""";

    private static readonly ChatMessage[] Prompt = [new UserChatMessage("Write a haiku about GPUs")];
    private static readonly ChatMessage[] Question = [new UserChatMessage("How warm is it in Paris?")];
    private static readonly ChatCompletionOptions ShortAnswer = new() { MaxOutputTokenCount = 12, Temperature = 0 };
    private static readonly ChatTool Thermometer =
        ChatTool.CreateFunctionTool("get_temperature", "The temperature of a city.", BinaryData.FromString(Cities), functionSchemaIsStrict: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Completion_Whole_HasTextAndUsage()
    {
        ChatCompletion completion = await Client(marketplace.ApiKey).CompleteChatAsync(Prompt, ShortAnswer, Token);

        Assert.Equal("auto", completion.Model);
        Assert.Equal(ChatMessageRole.Assistant, completion.Role);
        Assert.NotEmpty(Assert.Single(completion.Content).Text);
        Assert.InRange(completion.Usage.OutputTokenCount, 1, 12);
        Assert.True(completion.Usage.InputTokenCount > 0);
        Assert.Equal(completion.Usage.InputTokenCount + completion.Usage.OutputTokenCount, completion.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task Completion_Streamed_IsTheSameTextAsWhole()
    {
        ChatCompletion whole = await Client(marketplace.ApiKey).CompleteChatAsync(Prompt, ShortAnswer, Token);
        var text = "";
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (var update in Client(marketplace.ApiKey).CompleteChatStreamingAsync(Prompt, ShortAnswer, Token))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            finish = update.FinishReason ?? finish;
            usage = update.Usage ?? usage;
        }

        Assert.Equal(whole.Content[0].Text, text);
        Assert.Equal(whole.FinishReason, finish);
        Assert.Equal(whole.Usage.OutputTokenCount, usage?.OutputTokenCount);
    }

    [Fact]
    public async Task ToolLoop_CallThenResult_EndsWithText()
    {
        var client = Client(marketplace.ApiKey);
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 120, Temperature = 0, Tools = { Thermometer }, ToolChoice = ChatToolChoice.CreateRequiredChoice() };
        ChatCompletion call = await client.CompleteChatAsync(Question, options, Token);
        Assert.Equal(ChatFinishReason.ToolCalls, call.FinishReason);

        options.ToolChoice = ChatToolChoice.CreateAutoChoice();
        ChatMessage[] results = [.. call.ToolCalls.Select(one => new ToolChatMessage(one.Id, $"{CityOf(one.FunctionArguments.ToString())}: 21 degrees"))];
        ChatCompletion answer = await client.CompleteChatAsync([.. Question, new AssistantChatMessage(call), .. results], options, Token);

        Assert.NotEmpty(answer.Content[0].Text);
        Assert.NotEqual(ChatFinishReason.ToolCalls, answer.FinishReason);
    }

    [Fact]
    public async Task ToolCall_Streamed_HasIdAndNameFirstAndArgumentsThatParse()
    {
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 120, Temperature = 0, Tools = { Thermometer }, ToolChoice = ChatToolChoice.CreateRequiredChoice() };
        var updates = new List<StreamingChatToolCallUpdate>();
        await foreach (var update in Client(marketplace.ApiKey).CompleteChatStreamingAsync(Question, options, Token))
        {
            updates.AddRange(update.ToolCallUpdates.Where(call => call.Index == 0));
        }

        Assert.NotEmpty(updates[0].ToolCallId);
        Assert.Equal("get_temperature", updates[0].FunctionName);
        var arguments = new StringBuilder().AppendJoin("", updates.Select(update => update.FunctionArgumentsUpdate?.ToString()));
        Assert.Contains(CityOf(arguments.ToString()), new[] { "Paris", "Oslo" });
    }

    [Fact]
    public async Task JsonSchema_Asked_IsWhatTheAnswerParsesTo()
    {
        var options = new ChatCompletionOptions
        {
            MaxOutputTokenCount = 120,
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("place", BinaryData.FromString(Cities), jsonSchemaIsStrict: true),
        };

        ChatCompletion completion = await Client(marketplace.ApiKey).CompleteChatAsync(Prompt, options, Token);

        Assert.Contains(CityOf(completion.Content[0].Text), new[] { "Paris", "Oslo" });
    }

    [Fact]
    public async Task Response_WholeAndStreamed_AreTheSameText()
    {
        var client = new ResponsesClient(new ApiKeyCredential(marketplace.ApiKey), new ResponsesClientOptions { Endpoint = marketplace.Gateway });
        CreateResponseOptions Options() => new("auto", [ResponseItem.CreateUserMessageItem("Write a haiku about GPUs")]) { MaxOutputTokenCount = 16, Temperature = 0 };

        ResponseResult whole = await client.CreateResponseAsync(Options(), Token);
        var text = "";
        ResponseResult? completed = null;
        var streamed = Options();
        streamed.StreamingEnabled = true;
        await foreach (var update in await client.CreateResponseStreamingAsync(streamed, Token))
        {
            text += (update as StreamingResponseOutputTextDeltaUpdate)?.Delta;
            completed = (update as StreamingResponseCompletedUpdate)?.Response ?? (update as StreamingResponseIncompleteUpdate)?.Response ?? completed;
        }

        Assert.NotEmpty(whole.GetOutputText());
        Assert.Equal(whole.GetOutputText(), text);
        Assert.Equal(text, completed?.GetOutputText());
    }

    [Fact]
    public async Task Embeddings_OfTwoInputs_AreTwoVectors()
    {
        var client = new EmbeddingClient("computeshare/tiny", new ApiKeyCredential(marketplace.ApiKey), Options());

        OpenAIEmbeddingCollection vectors = await client.GenerateEmbeddingsAsync(["the sea", "a GPU"], cancellationToken: Token);

        Assert.Equal(2, vectors.Count);
        Assert.True(vectors[0].ToFloats().Length > 8);
        Assert.False(vectors[0].ToFloats().Span.SequenceEqual(vectors[1].ToFloats().Span));
    }

    [Fact]
    public async Task Models_Listed_IncludeTheBuiltInOne()
    {
        var models = await new OpenAIClient(new ApiKeyCredential(marketplace.ApiKey), Options())
            .GetOpenAIModelClient().GetModelsAsync(Token);

        Assert.Contains(models.Value, model => model.Id == "computeshare/tiny");
    }

    [Theory]
    [InlineData("ngk_wrong", "auto", 401)]
    [InlineData(null, "no-such-model", 404)]
    public async Task Completion_Refused_IsTheSdksOwnException(string? key, string model, int status)
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(
            async () => await Client(key ?? marketplace.ApiKey, model).CompleteChatAsync(Prompt, ShortAnswer, Token));

        Assert.Equal(status, error.Status);
    }

    [Fact]
    public async Task Completion_ClientCancels_ThrowsNothingButThat()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in Client(marketplace.ApiKey).CompleteChatStreamingAsync(Prompt, cancellationToken: cancel.Token))
            {
                seen++;
                await cancel.CancelAsync();
            }

            cancel.Token.ThrowIfCancellationRequested();
        });

        Assert.True(seen > 0);
    }

    private static string? CityOf(string json) => JsonDocument.Parse(json).RootElement.GetProperty("city").GetString();

    private ChatClient Client(string key, string model = "auto") => new(model, new ApiKeyCredential(key), Options());

    private OpenAIClientOptions Options() => new() { Endpoint = marketplace.Gateway, RetryPolicy = new ClientRetryPolicy(0) };
}
