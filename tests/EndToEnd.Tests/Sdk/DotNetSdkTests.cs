using System.ClientModel;
using OpenAI;
using OpenAI.Chat;

namespace ComputeShare.EndToEnd.Tests.Sdk;

/// <summary>The official .NET SDK, pointed at the product by nothing but base address and key.</summary>
public sealed class DotNetSdkTests(Marketplace marketplace)
{
    private static readonly ChatMessage[] Prompt = [new UserChatMessage("Write a haiku about GPUs")];
    private static readonly ChatCompletionOptions ShortAnswer = new() { MaxOutputTokenCount = 12, Temperature = 0 };

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

    private ChatClient Client(string key, string model = "auto") => new(model, new ApiKeyCredential(key), Options());

    private OpenAIClientOptions Options() => new() { Endpoint = marketplace.Gateway };
}
