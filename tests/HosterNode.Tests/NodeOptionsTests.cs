using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests;

public sealed class NodeOptionsTests
{
    [Theory]
    [InlineData("--Node:Id=", "Node:Id")]
    [InlineData("--Node:Id=two words", "Node:Id")]
    [InlineData("--Node:DialToken=short", "Node:DialToken")]
    [InlineData("--Node:Slots=0", "Node:Slots")]
    [InlineData("--Node:Slots=1025", "Node:Slots")]
    [InlineData("--Node:Prices:Output=-1", "Node:Prices:Output")]
    [InlineData("--Node:LaterPrices:0:Output=5", "Node:LaterPrices:0:From")]
    [InlineData("--Node:ModelPrices:0:Output=5", "Node:ModelPrices:0:Model")]
    [InlineData("--Node:Folder=somewhere", "Node:Folder")]
    [InlineData("--Node:DrainTimeout=-00:00:01", "Node:DrainTimeout")]
    [InlineData("--Engine:BuiltIn:TokensPerSecond=0", "Engine:BuiltIn:TokensPerSecond")]
    [InlineData("--Engine:BuiltIn:ModelPath=", "Engine:BuiltIn:ModelPath")]
    public async Task Start_AWrongOption_NamesItsKey(string setting, string key)
    {
        await using var node = new RunningNode(setting);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(async () => await node.InitializeAsync());

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_NoSuchModelFile_NamesItsKey()
    {
        await using var node = new RunningNode("--Engine:BuiltIn:ModelPath=Models/none.gguf");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await node.InitializeAsync());

        Assert.Contains("Engine:BuiltIn:ModelPath", error.Message, StringComparison.Ordinal);
    }
}
