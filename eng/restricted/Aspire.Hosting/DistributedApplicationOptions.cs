namespace Aspire.Hosting;

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    /// <summary>Without effect: the stand-in speaks plain HTTP on loopback only.</summary>
    public bool AllowUnsecuredTransport { get; set; }
}
