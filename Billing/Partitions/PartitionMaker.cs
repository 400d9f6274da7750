using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Partitions;

/// <summary>What a round found.</summary>
/// <param name="Made">The partitions that were missing.</param>
/// <param name="Strays">Transactions whose request ids lie beyond all months that have a partition: some gateway's clock is wrong.</param>
internal sealed record PartitionReport(string[] Made, long Strays);

/// <summary>
/// Has the database make the partitions of the next months, ahead of their first request. The services' role owns no table: it may call
/// this one function, which runs as the tables' owner. Every replica asks; who comes second finds them made.
/// </summary>
internal sealed class PartitionMaker(NpgsqlDataSource database, IOptions<PartitionOptions> options)
{
    public async Task<PartitionReport> MakeAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT made, strays FROM make_month_partitions($1)");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Value.MonthsAhead });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new PartitionReport(row.GetFieldValue<string[]>(0), row.GetInt64(1));
    }
}
