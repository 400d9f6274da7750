namespace ComputeShare.Tokenizing.Gguf;

/// <summary>The file is no GGUF that can be read here; the message says what and where.</summary>
public sealed class GgufException(string message) : TokenizerException(message);
