using System.Security.Cryptography;
using System.Text;

namespace ComputeShare.Gateway.Idempotency;

/// <summary>What a keyed request asks, as its hash: endpoint and body. Costs nothing without a key.</summary>
internal sealed class BodyHash : IDisposable
{
    private readonly IncrementalHash? _hash;

    public BodyHash(HttpRequest request)
    {
        if (request.Headers.ContainsKey(IdempotencyGate.Header))
        {
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _hash.AppendData(Encoding.UTF8.GetBytes($"{request.Path}\n"));
        }
    }

    public void Add(ReadOnlySpan<byte> body) => _hash?.AppendData(body);

    public byte[] Finish() => _hash?.GetHashAndReset() ?? [];

    public void Dispose() => _hash?.Dispose();
}
