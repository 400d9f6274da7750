namespace ComputeShare.Scheduler.Placement;

/// <summary>How engines' names of quantizations, such as GGUF's <c>Q4_K_M</c>, map to what callers know: <c>int4</c>, <c>fp8</c>, <c>bf16</c> …</summary>
internal static class QuantizationClass
{
    /// <summary>What a node counts as that does not say how its model is quantized.</summary>
    public const string Unknown = "unknown";

    public static string Of(string quantization)
    {
        var name = quantization.ToUpperInvariant();
        return name switch
        {
            "" => Unknown,
            "F16" or "FP16" or "FLOAT16" or "HALF" => "fp16",
            "F32" or "FP32" or "FLOAT32" => "fp32",
            "BFLOAT16" => "bf16",
            "AWQ" or "GPTQ" => "int4",
            _ when name.StartsWith("MXFP4", StringComparison.Ordinal) || name.StartsWith("NVFP4", StringComparison.Ordinal) => "fp4",
            _ when name.StartsWith("FP8", StringComparison.Ordinal) => "fp8",
            _ when Bits(name) is { } bits => $"int{bits}",
            _ => name.ToLowerInvariant(),
        };
    }

    // Q4_K_M, IQ3_XS, TQ1_0, Q8_0: the digit after the Q.
    private static char? Bits(string name)
    {
        var q = name.IndexOf('Q', StringComparison.Ordinal);
        return q is 0 or 1 && name.Length > q + 1 && char.IsAsciiDigit(name[q + 1]) ? name[q + 1] : null;
    }
}
