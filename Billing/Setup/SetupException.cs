namespace ComputeShare.Billing.Setup;

/// <summary>Setting up cannot go on; the message is the one sentence that the operator reads.</summary>
internal sealed class SetupException(string message) : Exception(message);
