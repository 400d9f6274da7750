namespace ComputeShare.Gateway.Completions;

/// <param name="Inputs">How many vectors are asked for.</param>
/// <param name="Base64">As base64 of little-endian float32 instead of numbers.</param>
internal sealed record EmbeddingShape(int Inputs, bool Base64);
