namespace ComputeShare.Gateway.Sessions;

/// <summary>
/// No answer came: there is no session, it was lost, or the deadline passed. The command may have been carried out all the same.
/// </summary>
internal sealed class SessionLostException(string service, string reason) : Exception($"No answer from {service}: {reason}.");
