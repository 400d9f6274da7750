using System.CommandLine;
using ComputeShare.HosterNode.CommandLine;
using ComputeShare.HosterNode.Tests.Control;

namespace ComputeShare.HosterNode.Tests.CommandLine;

public sealed class NodeCommandLineTests : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("join --slots 0", "--slots")]
    [InlineData("join --slots many", "--slots")]
    [InlineData("join --input -1", "--input")]
    [InlineData("join --output 0.0000000001", "--output")]
    [InlineData("join --cached-input cheap", "--cached-input")]
    [InlineData("join --gateway gateway.example.com", "--gateway")]
    [InlineData("join --engine ollama", "--engine")]
    [InlineData("jion", "jion")]
    [InlineData("status --wide", "--wide")]
    public async Task Run_AWrongOption_IsNamedAndIsAMisuse(string line, string names)
    {
        var (code, _, errors) = await RunAsync(line.Split(' '));

        Assert.Equal(2, code);
        Assert.Contains(names, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("drain")]
    public async Task Run_NoNodeThere_SaysSo(string verb)
    {
        var (code, _, errors) = await RunAsync(verb, "--folder", _place.Folder.Path);

        Assert.Equal(1, code);
        Assert.Contains($"No node runs with the folder {_place.Folder.Path}.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schedule_NoNodeThere_IsKeptForItsNextStart()
    {
        Assert.Equal((0, "off"), await ScheduleAsync());

        var (code, output, _) = await RunAsync("schedule", "22:00-8:00", "--folder", _place.Folder.Path);

        Assert.Equal(0, code);
        Assert.Contains("22:00-08:00", output, StringComparison.Ordinal);
        Assert.Equal((0, "22:00-08:00"), await ScheduleAsync());
        await RunAsync("schedule", "off", "--folder", _place.Folder.Path);
        Assert.Equal((0, "off"), await ScheduleAsync());
    }

    [Fact]
    public async Task Schedule_ThatIsNone_SaysWhatOneLooksLike()
    {
        var (code, _, errors) = await RunAsync("schedule", "nights", "--folder", _place.Folder.Path);

        Assert.Equal(1, code);
        Assert.Contains("22:00-08:00", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unit_IsTheOneThatIsShipped() => Assert.Equal(UnitCommand.Text, (await RunAsync("unit")).Output);

    private async Task<(int Code, string Text)> ScheduleAsync()
    {
        var (code, output, _) = await RunAsync("schedule", "--folder", _place.Folder.Path);
        return (code, output.Trim());
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await NodeCommandLine.RunAsync(
            arguments, new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
        return (code, output.ToString(), errors.ToString());
    }
}
