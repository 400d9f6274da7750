using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes.Relay;

/// <summary>
/// Signs the routes that gateways leave for each other in Redis, which does not know the service secret. Without it, whoever can write
/// there could have that secret, and prompts, sent to an address of his choice.
/// </summary>
internal sealed class RouteSeal(IOptions<ServiceSecretOptions> secret)
{
    // The label keeps it apart from whatever else the secret is used for.
    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret.Value.Secret), HMACSHA256.HashSizeInBytes, info: "computeshare.relay-routes"u8.ToArray());

    /// <returns><c>TUNNEL-ID ADDRESS SIGNATURE</c>; the same for the same route.</returns>
    public string Seal(string nodeId, string tunnelId, string address) =>
        $"{tunnelId} {address} {Base64Url.EncodeToString(Sign(nodeId, tunnelId, address))}";

    /// <returns>Null: no gateway of this installation has said so of this node.</returns>
    public string? AddressOf(string nodeId, string route)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return route.Split(' ') is [var tunnelId, var address, var signature]
            && Base64Url.TryDecodeFromChars(signature, given, out var length)
            && length == given.Length
            && CryptographicOperations.FixedTimeEquals(given, Sign(nodeId, tunnelId, address))
                ? address
                : null;
    }

    private byte[] Sign(string nodeId, string tunnelId, string address) =>
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{nodeId}\n{tunnelId}\n{address}"));
}
