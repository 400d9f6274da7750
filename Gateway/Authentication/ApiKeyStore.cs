using System.Collections.Concurrent;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Sessions;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Authentication;

/// <summary>
/// Who a key belongs to, as Billing says it; remembered for seconds under the key's hash, never under the key. What Billing says to have
/// changed is forgotten at once; a record of an older version than the account's is loaded anew by <see cref="ReloadAsync"/> (DESIGN.md §7).
/// </summary>
internal sealed class ApiKeyStore
{
    private readonly BillingSessions _billing;
    private readonly AuthenticationOptions _options;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, Remembered> _remembered = new(StringComparer.Ordinal);

    // A key that many requests bring at once is asked for once.
    private readonly ConcurrentDictionary<string, Lazy<Task<KeyRecord?>>> _loading = new(StringComparer.Ordinal);
    private long _notices;

    public ApiKeyStore(BillingSessions billing, IOptions<AuthenticationOptions> options, TimeProvider clock)
    {
        (_billing, _options, _clock) = (billing, options.Value, clock);
        billing.KeysChanged += Forget;
    }

    /// <returns>Null: unknown, revoked or expired.</returns>
    /// <exception cref="SessionLostException">Billing is away.</exception>
    public Task<KeyRecord?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var hash = ApiKey.Hash(key);
        return _remembered.TryGetValue(Convert.ToHexString(hash), out var known) && !IsOld(known)
            ? Task.FromResult(known.Record)
            : LoadAsync(hash, cancellationToken);
    }

    /// <summary>As Billing says it from now on, not as a look-up says that is under way already.</summary>
    /// <inheritdoc cref="FindAsync"/>
    public async Task<KeyRecord?> ReloadAsync(string key, CancellationToken cancellationToken)
    {
        var hash = ApiKey.Hash(key);
        if (_loading.TryGetValue(Convert.ToHexString(hash), out var earlier))
        {
            await ((Task)earlier.Value).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return await LoadAsync(hash, cancellationToken);
    }

    private bool IsOld(Remembered known)
    {
        var keep = known.Record is { HasCredit: true } or { Kind: not KeyKind.Consumer } ? _options.KnownFor : _options.RefusedFor;
        var age = _clock.GetElapsedTime(known.At);
        return age >= keep || known.Record is { ValidForMs: > 0 and var validFor } && age.TotalMilliseconds >= validFor;
    }

    private void Forget(KeyNotice notice)
    {
        // Before anything is looked at: what is on its way from Billing now may have been read before the change.
        Interlocked.Increment(ref _notices);
        foreach (var (id, known) in _remembered)
        {
            if (known.Record is not { } record || notice.AccountId.Length == 0
                || (record.AccountId == notice.AccountId && record.KeyVersion < notice.KeyVersion))
            {
                _remembered.TryRemove(id, out _);
            }
        }
    }

    private Task<KeyRecord?> LoadAsync(byte[] hash, CancellationToken cancellationToken)
    {
        var id = Convert.ToHexString(hash);

        // Nobody's alone: whoever leaves does not end it for the others.
        var loading = _loading.GetOrAdd(id, _ => new Lazy<Task<KeyRecord?>>(() => LoadOnceAsync(hash, id)));
        return loading.Value.WaitAsync(cancellationToken);
    }

    private async Task<KeyRecord?> LoadOnceAsync(byte[] hash, string id)
    {
        try
        {
            return await LoadAndRememberAsync(hash, id);
        }
        finally
        {
            _loading.TryRemove(id, out _);
        }
    }

    private async Task<KeyRecord?> LoadAndRememberAsync(byte[] hash, string id)
    {
        var at = _clock.GetTimestamp();
        var notices = Interlocked.Read(ref _notices);
        var record = await AskAsync(hash, id);
        if (_remembered.Count >= _options.MostKeys)
        {
            // Rare, and cheaper than keeping an order: what is still in use is asked for once more.
            _remembered.Clear();
        }

        _remembered[id] = new Remembered(record, at);
        if (Interlocked.Read(ref _notices) != notices)
        {
            _remembered.TryRemove(id, out _);
        }

        return record;
    }

    private async Task<KeyRecord?> AskAsync(byte[] hash, string id)
    {
        try
        {
            var request = new LookUpKeyRequest { KeyHash = UnsafeByteOperations.UnsafeWrap(hash) };
            return await _billing.Client(id).LookUpKeyAsync(request);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException error)
        {
            throw new SessionLostException("billing", error.StatusCode.ToString());
        }
    }

    private sealed record Remembered(KeyRecord? Record, long At);
}
