using System.Text.Json;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Sdk;

/// <summary>The official Node SDK; node/chat.mjs drives it and prints what it saw.</summary>
public sealed class NodeSdkTests(Marketplace marketplace)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Sdk_ChatStreamAbortModelsErrors_AllAsDocumented()
    {
        await using var node = LocalProcess.Start(
            "node",
            [Repository.PathOf("tests", "EndToEnd.Tests", "node", "chat.mjs")],
            new Dictionary<string, string?> { ["BASE_URL"] = marketplace.Gateway.AbsoluteUri, ["API_KEY"] = marketplace.ApiKey });
        var line = await node.WaitForLineAsync(line => line.StartsWith("{\"whole\"", StringComparison.Ordinal), Limit, TestContext.Current.CancellationToken);
        var seen = JsonDocument.Parse(line).RootElement;

        var whole = seen.GetProperty("whole");
        var chunks = seen.GetProperty("chunks").EnumerateArray().ToArray();
        Assert.Equal("chat.completion", whole.GetProperty("object").GetString());
        Assert.Equal(
            whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(),
            Wire.ServerSentEvents.TextOf(chunks));
        Assert.Empty(chunks[^1].GetProperty("choices").EnumerateArray());
        Assert.Equal(
            whole.GetProperty("usage").GetProperty("total_tokens").GetInt32(),
            chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.All(chunks[..^1], chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
        Assert.Equal(2, seen.GetProperty("seenBeforeAbort").GetInt32());
        Assert.Equal("auto", seen.GetProperty("models")[0].GetString());
        AssertError(seen, "unknownModel", "NotFoundError", 404, "model_not_found");
        AssertError(seen, "badTemperature", "BadRequestError", 400, null);
        AssertError(seen, "wrongKey", "AuthenticationError", 401, "invalid_api_key");
    }

    private static void AssertError(JsonElement seen, string name, string type, int status, string? code)
    {
        var error = seen.GetProperty("errors").GetProperty(name);
        Assert.Equal(type, error.GetProperty("type").GetString());
        Assert.Equal(status, error.GetProperty("status").GetInt32());
        Assert.Equal(code, error.GetProperty("code").GetString());
    }
}
