using ComputeShare.Gateway.Admission;

namespace ComputeShare.Gateway.Tests.Admission;

public sealed class RateLimitHeadersTests
{
    [Theory]
    [Trait("Wire", "23")]
    [InlineData(0, "0ms")]
    [InlineData(12, "12ms")]
    [InlineData(1_000, "1s")]
    [InlineData(8_640, "8.64s")]
    [InlineData(59_999, "59.999s")]
    [InlineData(360_000, "6m0s")]
    [InlineData(90_050, "1m30.05s")]
    [InlineData(3_600_000, "1h0m0s")]
    [InlineData(90_061_001, "25h1m1.001s")]
    public void Duration_IsWrittenAsOpenAIDoes(int milliseconds, string text) =>
        Assert.Equal(text, RateLimitHeaders.Duration(TimeSpan.FromMilliseconds(milliseconds)));
}
