using ComputeShare.Scheduler.Placement;

namespace ComputeShare.Scheduler.Tests.Placement;

public sealed class QuantizationClassTests
{
    [Theory]
    [InlineData("Q4_K_M", "int4")]
    [InlineData("IQ3_XS", "int3")]
    [InlineData("Q8_0", "int8")]
    [InlineData("F16", "fp16")]
    [InlineData("BF16", "bf16")]
    [InlineData("bfloat16", "bf16")]
    [InlineData("F32", "fp32")]
    [InlineData("MXFP4_MOE", "fp4")]
    [InlineData("fp8_e4m3", "fp8")]
    [InlineData("awq", "int4")]
    [InlineData("", "unknown")]
    [InlineData("quip", "quip")]
    public void Of_AnEnginesName_IsWhatCallersCallIt(string name, string expected) => Assert.Equal(expected, QuantizationClass.Of(name));
}
