using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeShare.Billing.Keys;

/// <summary>An account's own keys, as it may see them. Management keys are the operator's to give and take.</summary>
internal sealed class KeyReader(IDbContextFactory<BillingDbContext> database, NpgsqlDataSource connections)
{
    /// <summary>Null: the account has no such key.</summary>
    public async Task<AccountKey?> FindAsync(string accountId, string keyId, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var key = await Of(billing, accountId).SingleOrDefaultAsync(key => key.Id == keyId, cancellationToken);
        return key is null ? null : await ToWireAsync(key, cancellationToken);
    }

    public async Task<KeyPage> ListAsync(ListKeysRequest request, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var keys = Of(billing, request.AccountId);
        if (!request.WithRevoked)
        {
            keys = keys.Where(key => key.Revoked == null);
        }

        if (request.After.Length > 0)
        {
            // Ids grow with time (UUIDv7).
            keys = keys.Where(key => string.Compare(key.Id, request.After) < 0);
        }

        var limit = (int)Math.Clamp(request.Limit, 1, 100);
        var found = await keys.OrderByDescending(key => key.Id).Take(limit + 1).ToListAsync(cancellationToken);
        var page = found.Take(limit).ToArray();
        var caps = await CapsAsync(page.Select(key => key.Id), cancellationToken);
        return new KeyPage { Keys = { page.Select(key => key.ToWire(caps[key.Id])) }, HasMore = found.Count > limit };
    }

    public async Task<AccountKey> ToWireAsync(ApiKeyRow key, CancellationToken cancellationToken) =>
        key.ToWire((await CapsAsync([key.Id], cancellationToken))[key.Id]);

    private static IQueryable<ApiKeyRow> Of(BillingDbContext billing, string accountId) =>
        billing.ApiKeys.AsNoTracking().Where(key => key.AccountId == accountId && key.Kind != KeyKinds.Management);

    private async Task<ILookup<string, SpendCap>> CapsAsync(IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        await using var command = connections.CreateCommand(SpendCapSql.Read);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. keys] });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var caps = new List<(string Key, SpendCap Cap)>();
        while (await rows.ReadAsync(cancellationToken))
        {
            caps.Add((rows.GetString(0), new SpendCap
            {
                Window = rows.GetString(1),
                Amount = rows.GetInt64(2),
                Spent = rows.GetInt64(3),
                Held = rows.GetInt64(4),
                ResetsAt = await rows.IsDBNullAsync(5, cancellationToken)
                    ? 0
                    : rows.GetFieldValue<DateTimeOffset>(5).ToUnixTimeMilliseconds(),
            }));
        }

        return caps.ToLookup(cap => cap.Key, cap => cap.Cap);
    }
}
