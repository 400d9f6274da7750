using ComputeShare.TinyModel;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn;

public sealed class TinyModelFileTests
{
    [Fact]
    public void Create_AnyMachine_GivesTheCommittedBytes() => Assert.Equal(CommittedModel.Bytes, TinyModelFile.Create());

    [Fact]
    public void CommittedFile_Size_IsUnderOneMegabyte() => Assert.InRange(CommittedModel.Bytes.Length, 1, 1_000_000);

    [Fact]
    public void CommittedFile_Loaded_SaysWhatItIs()
    {
        var description = CommittedModel.Model.Description;

        Assert.Equal("computeshare/tiny", description.LocalName);
        Assert.Equal("F16", description.Quantization);
        Assert.Equal(1024, description.ContextLength);
        Assert.StartsWith("sha256:", description.Digest, StringComparison.Ordinal);
    }
}
