using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Sdk;

public sealed class CurlTests(Marketplace marketplace)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task CurlLine_PastedAsPrinted_StreamsToTheEnd()
    {
        await using var shell = LocalProcess.Start("sh", ["-c", marketplace.CurlLine]);

        var last = await shell.WaitForLineAsync(line => line.StartsWith("data: [DONE]", StringComparison.Ordinal), Limit, TestContext.Current.CancellationToken);

        Assert.Equal("data: [DONE]", last);
        Assert.Contains("\"object\":\"chat.completion.chunk\"", shell.Output, StringComparison.Ordinal);
    }
}
