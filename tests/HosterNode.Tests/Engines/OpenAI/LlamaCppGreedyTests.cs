using System.Net.Http.Json;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;
using ComputeShare.TestSupport.Servers;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>The committed file in llama.cpp (node-llama-cpp 3, CPU) says what it says here.</summary>
[Trait("Category", "Integration")]
public sealed class LlamaCppGreedyTests : IAsyncLifetime
{
    // llama.cpp rounds activations to half precision before each product: where two tokens are as near as this, either may win.
    private const float NearTie = 1e-3f;

    private static readonly string[] Prompts =
    [
        "Write a haiku about GPUs", "Write a haiku about the sea", "Hello", "Who are you?", "What is ComputeShare?", "Write a short poem about coffee", "Tell me a joke",
        "What is the capital of France?",
    ];

    private static readonly string[] Texts =
    [
        "Tell me of the river.", "The quiet garden's door isn't open, and I don't know why: 123 birds!", "héllo wörld 🎉🎊 日本語 𝐀𝐁 𝟙𝟚 a",
        "  two  spaces\n\n\ttabs \u00a0nbsp ", "'ll we've it's",
    ];

    private LlamaServer? _llama;

    private LlamaServer Llama => _llama!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(LlamaServer.IsSupported, "tests/LlamaServer installs llama.cpp for Linux on x64 only.");
        _llama = await LlamaServer.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await (_llama?.DisposeAsync() ?? ValueTask.CompletedTask);

    [Fact]
    public async Task Generate_TheSameModelInBothEngines_GivesTheSameGreedyAnswer()
    {
        await using var node = await RunningNode.StartAsync($"--Engine:Url={Llama.Url}");
        await using var builtIn = await RunningNode.StartAsync();
        const string Greedy = """{"messages":[{"role":"user","content":"Write a haiku about GPUs"}],"temperature":0}""";

        var there = await node.GenerateAsync(RunningNode.Chat(Greedy, maxTokens: 100));
        var here = await builtIn.GenerateAsync(RunningNode.Chat(Greedy, maxTokens: 100));

        Assert.Equal(Text(here), Text(there));
        Assert.Equal((here[^1].Finished.FinishReasons, here[^1].Finished.Usage), (there[^1].Finished.FinishReasons, there[^1].Finished.Usage));
        Assert.Equal("", there[0].Started.Fingerprint);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Generate_WhatTheBuiltInEngineBegan_LlamaCppEndsAsItWouldHaveDone(bool isChat)
    {
        await using var node = await RunningNode.StartAsync($"--Engine:Url={Llama.Url}");
        await using var builtIn = await RunningNode.StartAsync();
        var whole = await builtIn.GenerateAsync(Request());
        var deltas = whole.Where(frame => frame.Delta is not null).Select(frame => frame.Delta).ToArray();
        var begun = deltas[..(deltas.Length / 2)];
        var rest = Request();
        rest.Continuation = new Continuation { TokenIds = { begun.SelectMany(delta => delta.TokenIds) }, Text = string.Concat(begun.Select(delta => delta.Text)) };
        rest.MaxTokens -= (uint)rest.Continuation.TokenIds.Count;

        var frames = await node.GenerateAsync(rest);

        Assert.Equal(Text(whole), rest.Continuation.Text + Text(frames));
        Assert.Equal((uint)rest.Continuation.TokenIds.Count, frames.First(frame => frame.Delta is not null).Delta.Position);
        Assert.Equal(whole[^1].Finished.Usage.PromptTokens, frames[^1].Finished.Usage.PromptTokens);
        Assert.Equal(whole[^1].Finished.FinishReasons, frames[^1].Finished.FinishReasons);

        GenerateRequest Request()
        {
            var request = RunningNode.Chat("""{"messages":[{"role":"user","content":"Write a haiku about GPUs"}],"temperature":0}""", maxTokens: 100);
            if (!isChat)
            {
                request.Completion = new CompletionWork { Body = ByteString.CopyFromUtf8("""{"prompt":["The river"],"temperature":0}""") };
            }

            return request;
        }
    }

    [Fact]
    public async Task Predict_GreedyTokens_AreLlamaCppsUntilTheFirstNearTie()
    {
        var compared = 0;
        foreach (var prompt in Prompts)
        {
            var tokens = CommittedModel.ChatPrompt(prompt);
            var theirs = (await AskAsync("/tokens", new { tokens, most = 60 })).Deserialize<int[]>()!;
            compared += CountEqual(prompt, tokens, theirs);
        }

        Assert.True(compared >= 64, $"Only {compared} tokens were compared.");
    }

    [Fact]
    public async Task Encode_AnyText_GivesLlamaCppsTokens()
    {
        foreach (var text in Texts)
        {
            Assert.Equal((await AskAsync("/tokenize", new { content = text })).GetProperty("tokens").Deserialize<int[]>()!, CommittedModel.Encode(text));
        }
    }

    /// <summary>Fails at a token that differs; returns how many there were before a near-tie or the end.</summary>
    private static int CountEqual(string prompt, List<int> tokens, int[] theirs)
    {
        var model = CommittedModel.Model.Transformer;
        var (cache, work) = (new KvCache(model.Shape, tokens.Count + theirs.Length), new LlamaWorkspace(model.Shape));
        foreach (var token in tokens)
        {
            model.Read(token, cache, work);
        }

        for (var i = 0; i < theirs.Length; i++)
        {
            var logits = model.Predict(work).ToArray();
            var order = logits.OrderDescending().Take(2).ToArray();
            if (order[0] - order[1] < NearTie)
            {
                return i;
            }

            var ours = Array.IndexOf(logits, order[0]);
            Assert.True(ours == theirs[i], $"{prompt}: token {i} is {ours} here and {theirs[i]} there; the next best is {order[0] - order[1]} away.");
            model.Read(ours, cache, work);
        }

        return theirs.Length;
    }

    private async Task<JsonElement> AskAsync(string path, object question)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(new Uri(Llama.Url, path), question, TestContext.Current.CancellationToken);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    private static string Text(IEnumerable<Frame> frames) => string.Concat(frames.Select(frame => frame.Delta?.Text));
}
