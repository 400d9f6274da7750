namespace ComputeShare.Tokenizing;

/// <summary>The file has no vocabulary that can be used here; the message says what and where.</summary>
public class TokenizerException(string message) : Exception(message);
