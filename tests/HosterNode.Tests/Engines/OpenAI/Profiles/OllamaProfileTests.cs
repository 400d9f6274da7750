namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Profiles;

/// <summary>What Ollama tells of its models changes as they are loaded.</summary>
[Trait("Category", "Integration")]
public sealed class OllamaProfileTests
{
    [Theory]
    [InlineData("""{"capabilities":["completion","tools","vision","thinking"]}""", "chat completions seed penalties json_schema json_object tools images reasoning_effort")]
    [InlineData("""{"capabilities":["embedding"]}""", "embeddings dimensions")]
    [InlineData("""{"license":"of an old version"}""", "chat completions seed penalties json_schema json_object")]
    public async Task Ask_AModel_OffersWhatOllamaShowsOfIt(string shown, string expected)
    {
        await using var engine = await Recorded.Ollama.StartAsync();
        engine.Pages["/api/show"] = shown;

        var model = Assert.Single((await Probing.AskAsync(engine)).Description.Models);

        Assert.Equal(expected.Split(' '), model.Capabilities);
        Assert.DoesNotContain("/v1/embeddings", engine.Paths);
    }

    [Theory]
    [InlineData("""{"capabilities":["completion"],"model_info":{"qwen3.context_length":40960}}""", 4096)]
    [InlineData("""{"capabilities":["completion"],"model_info":{"qwen3.context_length":2048}}""", 2048)]
    [InlineData("""{"capabilities":["completion"],"parameters":"num_ctx    12000\n","model_info":{"qwen3.context_length":40960}}""", 12000)]
    [InlineData("""{"model_info":{"qwen3.context_length":40960}}""", 2048)]
    public async Task Ask_AModelThatIsNotLoaded_OffersTheContextThatItHasAtLeast(string shown, int context)
    {
        await using var engine = await Recorded.Ollama.StartAsync();
        engine.Pages["/api/ps"] = """{"models":[]}""";
        engine.Pages["/api/show"] = shown;

        var found = await Probing.AskAsync(engine);

        Assert.Equal(context, Assert.Single(found.Description.Models).ContextLength);
    }
}
