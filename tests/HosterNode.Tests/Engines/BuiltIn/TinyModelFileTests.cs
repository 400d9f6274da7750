using ComputeShare.HosterNode.Engines.BuiltIn;
using ComputeShare.TestSupport;
using ComputeShare.TinyModel;
using ComputeShare.TinyModel.Samples;
using ComputeShare.TinyModel.Training;
using ComputeShare.Tokenizing.Gguf;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn;

public sealed class TinyModelFileTests
{
    // Training takes too long for a test: what stands before the weights is made anew, vocabulary and all.
    [Fact]
    public void Write_AnyWeights_GivesTheCommittedFileUpToItsWeights()
    {
        var layout = new ParameterLayout(ModelShape.Tiny);
        var made = TinyModelFile.Write(TinyModelTraining.TrainVocabulary(), layout, new float[layout.Count]);

        Assert.Equal(CommittedModel.Bytes.Length, made.Length);
        var weights = layout.All.Sum(parameter => parameter.Length * (parameter.IsNorm ? sizeof(float) : sizeof(ushort)));
        Assert.Equal(made.AsSpan(0, made.Length - weights), CommittedModel.Bytes.AsSpan(0, made.Length - weights));
    }

    [Fact]
    public void CommittedFile_SizeAndParameters_AreThoseOfAVerySmallModel()
    {
        Assert.InRange(CommittedModel.Bytes.Length, 1, 5_000_000);
        Assert.InRange(new ParameterLayout(ModelShape.Tiny).Count, 1, 1_500_000);
    }

    [Fact]
    public void Load_NoFile_SaysSo() =>
        Assert.Throws<GgufException>(() => BuiltInModel.Load(Path.Combine(AppContext.BaseDirectory, "no-such.gguf")));

    [Fact]
    public async Task CommittedFile_AskedAgain_SaysWhatThePageOfSamplesSays() => Assert.EndsWith(
        await SamplePage.AnswersAsync(CommittedModel.Path),
        (await File.ReadAllTextAsync(Repository.PathOf("docs", "samples.md"), TestContext.Current.CancellationToken)).TrimEnd('\n'),
        StringComparison.Ordinal);

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
