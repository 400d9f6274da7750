namespace ComputeShare.Billing.Administration;

/// <summary>What was asked for cannot be done; the message is the one sentence that the operator reads.</summary>
internal sealed class AdministrationException(string message) : Exception(message);
