using System.Security.Cryptography;

namespace ComputeShare.Gateway;

/// <summary>This process among its replicas: a name that no earlier start had.</summary>
internal sealed class GatewayReplica
{
    private const int RandomHexDigits = 8;

    public string Name { get; } = $"{Environment.MachineName}-{RandomNumberGenerator.GetHexString(RandomHexDigits, lowercase: true)}";
}
