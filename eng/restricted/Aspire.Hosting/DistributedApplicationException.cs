namespace Aspire.Hosting;

/// <summary>The application cannot start as it is described.</summary>
public class DistributedApplicationException(string message) : Exception(message);
