namespace ComputeShare.Contracts.Tests;

public sealed class RequestIdTests
{
    [Fact]
    public void New_ReadBackFromCompletionId_IsTheSame()
    {
        var id = RequestId.New(TimeProvider.System);

        Assert.True(RequestId.TryParseCompletionId(id.CompletionId, out var read));
        Assert.Equal(id, read);
        Assert.Equal('7', id.Value[12]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("chatcmpl-")]
    [InlineData("0198F0C2D1A37B3C9D2E4F5061728394")]
    [InlineData("0198f0c2-d1a3-7b3c-9d2e-4f5061728394")]
    public void TryParse_NotThirtyTwoLowercaseHexDigits_IsFalse(string? text) => Assert.False(RequestId.TryParse(text, out _));
}
