using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Tests;

public sealed class StartTests
{
    [Theory]
    [InlineData("ConnectionStrings:redis", "")]
    [InlineData("ConnectionStrings:redis", "localhost:6379,password=hush,nonsense=1")]
    [InlineData("Services:Secret", "short")]
    [InlineData("Leases:Life", "00:00:00")]
    [InlineData("Nodes:Life", "01:00:00")]
    [InlineData("Queue:Limit", "-1")]
    [InlineData("Redis:CommandTimeout", "00:05:00")]
    public async Task Start_WrongSetting_FailsNamingItsKeyButNotItsValue(string key, string value)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => TestScheduler.StartAsync("localhost:1", $"--{key}={value}"));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal);
    }
}
