using ComputeShare.Contracts.Billing;
using Grpc.Core;

namespace ComputeShare.Billing.Keys;

/// <summary>The calls about an account's keys: whatever cannot be is a status that billing.proto names.</summary>
internal sealed class KeyCalls(KeyWriter writer, KeyReader reader)
{
    private const string ParamTrailer = "param";

    public async Task<NewKey> CreateAsync(CreateKeyRequest request, CancellationToken cancellationToken) => await NewAsync(
        await AskAsync(() => writer.CreateAsync(request.AccountId, kind: null, request.Terms ?? new KeyTerms(), cancellationToken)),
        cancellationToken);

    public Task<KeyPage> ListAsync(ListKeysRequest request, CancellationToken cancellationToken) => reader.ListAsync(request, cancellationToken);

    public async Task<AccountKey> FindAsync(AccountKeyRequest request, CancellationToken cancellationToken) =>
        await reader.FindAsync(request.AccountId, request.KeyId, cancellationToken) ?? throw NoSuchKey();

    public async Task<AccountKey> ChangeAsync(ChangeKeyRequest request, CancellationToken cancellationToken)
    {
        await FindAsync(new AccountKeyRequest { AccountId = request.AccountId, KeyId = request.KeyId }, cancellationToken);
        var key = await AskAsync(() => writer.ChangeAsync(request.AccountId, request.KeyId, request.Terms ?? new KeyTerms(), cancellationToken));
        return await reader.ToWireAsync(key ?? throw NoSuchKey(), cancellationToken);
    }

    public async Task<NewKey> RotateAsync(RotateKeyRequest request, CancellationToken cancellationToken)
    {
        await FindAsync(new AccountKeyRequest { AccountId = request.AccountId, KeyId = request.KeyId }, cancellationToken);
        var grace = TimeSpan.FromMilliseconds(request.GraceMs);
        return await NewAsync(await writer.RotateAsync(request.AccountId, request.KeyId, grace, cancellationToken), cancellationToken);
    }

    public async Task<AccountKey> RevokeAsync(AccountKeyRequest request, CancellationToken cancellationToken)
    {
        await FindAsync(request, cancellationToken);
        var revoked = await writer.RevokeAsync(request.AccountId, request.KeyId, cancellationToken);
        return await reader.ToWireAsync(revoked?.Key ?? throw NoSuchKey(), cancellationToken);
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (KeyTermsException refused)
        {
            throw new RpcException(
                new Status(StatusCode.InvalidArgument, refused.Message), new Metadata { { ParamTrailer, refused.Param } });
        }
    }

    private async Task<NewKey> NewAsync(IssuedKey? issued, CancellationToken cancellationToken) => issued is null
        ? throw NoSuchKey()
        : new NewKey { Key = await reader.ToWireAsync(issued.Key, cancellationToken), Text = issued.Text };

    private static RpcException NoSuchKey() => new(new Status(StatusCode.NotFound, "No such key."));
}
