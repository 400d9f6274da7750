using System.Buffers.Binary;
using ComputeShare.Tokenizing.Gguf;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.Tokenizing.Tests.Gguf;

public sealed class GgufFileTests
{
    // Where the tensors' data begins lies behind this.
    private const int HeaderBytes = 24_000;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(23)]
    [InlineData(30)]
    [InlineData(5_000)]
    [InlineData(12_000)]
    [InlineData(600_000)]
    [InlineData(615_000)]
    public void Parse_ATruncatedFile_SaysSo(int length) =>
        Assert.Throws<GgufException>(() => GgufFile.Parse(CommittedModel.Bytes.AsMemory(0, length)));

    [Fact]
    public void Parse_NotGguf_SaysSo()
    {
        var error = Assert.Throws<GgufException>(() => GgufFile.Parse("PK\u0003\u0004 and more"u8.ToArray()));

        Assert.Equal("The file does not begin with \"GGUF\".", error.Message);
    }

    [Fact]
    public void Parse_AnotherVersion_NamesIt() => Assert.Contains("version 2", ErrorWith(4, 2u), StringComparison.Ordinal);

    [Fact]
    public void Parse_TensorCountBeyondTheFile_SaysSo() => Assert.Contains("claims", ErrorWith(8, uint.MaxValue), StringComparison.Ordinal);

    [Fact]
    public void Parse_MetadataCountBeyondTheFile_SaysSo() => Assert.Contains("claims", ErrorWith(16, uint.MaxValue), StringComparison.Ordinal);

    [Fact]
    public void Parse_StringLengthBeyondTheFile_SaysSo() => Assert.Contains("claims", ErrorWith(24, uint.MaxValue), StringComparison.Ordinal);

    [Fact]
    public void Parse_AnyByteOfTheHeaderChanged_ReadsOrSaysWhy() =>
        Prop.ForAll(Gen.Choose(0, HeaderBytes).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (at, value) =>
        {
            var bytes = CommittedModel.Bytes.ToArray();
            bytes[at] = (byte)value;
            try
            {
                GgufFile.Parse(bytes);
                return true;
            }
            catch (GgufException error)
            {
                return error.Message.Length > 10;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void GetTensor_AnotherShape_NamesBoth()
    {
        var file = GgufFile.Parse(CommittedModel.Bytes);

        var error = Assert.Throws<GgufException>(() => file.GetTensor("output_norm.weight", 32));

        Assert.Equal("Tensor output_norm.weight has shape [128], not [32].", error.Message);
    }

    [Fact]
    public void Get_AMissingKey_NamesIt()
    {
        var error = Assert.Throws<GgufException>(() => GgufFile.Parse(CommittedModel.Bytes).Get<string>("general.nothing"));

        Assert.Equal("Metadata general.nothing is missing.", error.Message);
    }

    [Fact]
    public void ReadMetadata_OfAFileWithTensors_IsThatOfTheWhole()
    {
        var file = GgufFile.ReadMetadata(CommittedModel.Path);

        Assert.Equal(GgufFile.Parse(CommittedModel.Bytes).Get<string[]>("tokenizer.ggml.tokens"), file.Get<string[]>("tokenizer.ggml.tokens"));
    }

    private static string ErrorWith(int at, uint value)
    {
        var bytes = CommittedModel.Bytes.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
        return Assert.Throws<GgufException>(() => GgufFile.Parse(bytes)).Message;
    }
}
