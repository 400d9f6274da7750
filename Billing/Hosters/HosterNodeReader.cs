using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Hosters;

/// <summary>A hoster's nodes, whether they are there or not, and what they did within the threshold's window.</summary>
internal sealed class HosterNodeReader(
    NpgsqlDataSource database, IDbContextFactory<BillingDbContext> contexts, IOptions<EscrowOptions> threshold)
{
    private const int MostNodes = 100;

    private static readonly string Select = $"""
        WITH page AS (
            SELECT id, created FROM nodes
            WHERE hoster_id = $1 AND ($2 = '' OR id = $2) AND id > $3
            ORDER BY id LIMIT $4
        ), did AS (
            SELECT node_id, sum(requests) AS requests, sum(failures) AS failures, sum(failed_attempts) AS failed_attempts,
                sum(own_requests) AS own_requests, sum(earned + corrected) AS earned
            FROM ({HosterDays.OfHoster}) AS days
            WHERE day >= ((now() - $5) AT TIME ZONE 'UTC')::date
            GROUP BY node_id
        )
        SELECT p.id, p.created, coalesce(d.requests + d.own_requests, 0)::bigint, coalesce(d.failures, 0)::bigint,
            coalesce(d.failed_attempts, 0)::bigint, coalesce(d.requests, 0)::bigint, coalesce(d.earned, 0)::bigint
        FROM page p LEFT JOIN did d ON d.node_id = p.id
        ORDER BY p.id
        """;

    public async Task<HosterNodes> ListAsync(ListHosterNodesRequest request, CancellationToken cancellationToken)
    {
        var limit = (int)Math.Clamp(request.Limit, 1, MostNodes);
        var nodes = await ReadAsync(request, limit + 1, cancellationToken);
        var page = nodes.Take(limit).ToArray();
        var counts = await CountsAsync(page, cancellationToken);
        var probes = await ProbesAsync(page, cancellationToken);
        foreach (var node in page)
        {
            node.Counts.Add(counts[node.NodeId]);
            node.Probes.Add(probes[node.NodeId]);
        }

        return new HosterNodes { Nodes = { page }, HasMore = nodes.Count > limit };
    }

    private async Task<List<OwnedNode>> ReadAsync(ListHosterNodesRequest request, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = Sql.Command(
            connection,
            Select,
            Sql.Value(request.AccountId),
            Sql.Value(request.NodeId),
            Sql.Value(request.After),
            Sql.Value(limit),
            Sql.Value(threshold.Value.Window));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var nodes = new List<OwnedNode>();
        while (await rows.ReadAsync(cancellationToken))
        {
            nodes.Add(new OwnedNode
            {
                NodeId = rows.GetString(0),
                Created = rows.GetFieldValue<DateTimeOffset>(1).ToUnixTimeMilliseconds(),
                Requests = rows.GetInt64(2),
                Failures = rows.GetInt64(3),
                FailedAttempts = rows.GetInt64(4),
                OthersRequests = rows.GetInt64(5),
                Earned = rows.GetInt64(6),
            });
        }

        return nodes;
    }

    private async Task<ILookup<string, ModelCounts>> CountsAsync(OwnedNode[] nodes, CancellationToken cancellationToken)
    {
        var ids = nodes.Select(node => node.NodeId).ToArray();
        await using var billing = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await billing.NodeCounts.AsNoTracking()
            .Where(row => ids.Contains(row.NodeId)).OrderBy(row => row.ModelId).ToListAsync(cancellationToken);
        return rows.ToLookup(row => row.NodeId, row => new ModelCounts
        {
            ModelId = row.ModelId,
            Answers = (ulong)row.Answers,
            LastPerMillion = (ulong)row.LastPerMillion,
            Found = (uint)row.Found,
            FoundInRow = (uint)row.FoundInRow,
            Barred = row.Barred?.ToUnixTimeMilliseconds() ?? 0,
        });
    }

    private async Task<ILookup<string, ModelProbes>> ProbesAsync(OwnedNode[] nodes, CancellationToken cancellationToken)
    {
        var ids = nodes.Select(node => node.NodeId).ToArray();
        await using var billing = await contexts.CreateDbContextAsync(cancellationToken);

        // Before the first verdict it is not even told that there were any.
        var rows = await billing.NodeProbes.AsNoTracking()
            .Where(row => ids.Contains(row.NodeId) && row.LastPercent != null).OrderBy(row => row.ModelId).ToListAsync(cancellationToken);
        return rows.ToLookup(row => row.NodeId, row => new ModelProbes
        {
            ModelId = row.ModelId,
            FoundInRow = (uint)row.FoundInRow,
            Reasons = { row.LastReasons },
            Barred = row.Barred?.ToUnixTimeMilliseconds() ?? 0,
        });
    }
}
