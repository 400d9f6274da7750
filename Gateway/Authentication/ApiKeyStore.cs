using System.Collections.Concurrent;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Sessions;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Authentication;

/// <summary>
/// Who a key belongs to, as Billing says it; remembered for seconds under the key's hash, never under the key. A record of an older
/// version than the account's is loaded anew by <see cref="ReloadAsync"/> (DESIGN.md §7).
/// </summary>
internal sealed class ApiKeyStore(BillingSessions billing, IOptions<AuthenticationOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan LookUpDeadline = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Remembered> _remembered = new(StringComparer.Ordinal);

    /// <returns>Null: unknown, revoked or expired.</returns>
    /// <exception cref="SessionLostException">Billing is away.</exception>
    public Task<KeyRecord?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var hash = ApiKey.Hash(key);
        return _remembered.TryGetValue(Convert.ToHexString(hash), out var known) && !IsOld(known)
            ? Task.FromResult(known.Record)
            : LoadAsync(hash, cancellationToken);
    }

    /// <inheritdoc cref="FindAsync"/>
    public Task<KeyRecord?> ReloadAsync(string key, CancellationToken cancellationToken) => LoadAsync(ApiKey.Hash(key), cancellationToken);

    private bool IsOld(Remembered known)
    {
        var keep = known.Record is { HasCredit: true } ? options.Value.KnownFor : options.Value.RefusedFor;
        return clock.GetElapsedTime(known.At) >= keep;
    }

    private async Task<KeyRecord?> LoadAsync(byte[] hash, CancellationToken cancellationToken)
    {
        var id = Convert.ToHexString(hash);
        var at = clock.GetTimestamp();
        var record = await AskAsync(hash, id, cancellationToken);
        if (_remembered.Count >= options.Value.MostKeys)
        {
            // Rare, and cheaper than keeping an order: what is still in use is asked for once more.
            _remembered.Clear();
        }

        _remembered[id] = new Remembered(record, at);
        return record;
    }

    private async Task<KeyRecord?> AskAsync(byte[] hash, string id, CancellationToken cancellationToken)
    {
        try
        {
            var request = new LookUpKeyRequest { KeyHash = UnsafeByteOperations.UnsafeWrap(hash) };
            var deadline = clock.GetUtcNow().UtcDateTime + LookUpDeadline;
            return await billing.Client(id).LookUpKeyAsync(request, deadline: deadline, cancellationToken: cancellationToken);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SessionLostException("billing", error.StatusCode.ToString());
        }
    }

    private sealed record Remembered(KeyRecord? Record, long At);
}
