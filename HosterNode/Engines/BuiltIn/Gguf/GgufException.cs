namespace ComputeShare.HosterNode.Engines.BuiltIn.Gguf;

/// <summary>The file is no GGUF that this engine can read; the message says what and where.</summary>
internal sealed class GgufException(string message) : Exception(message);
