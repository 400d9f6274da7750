using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeShare.Billing.Persistence;

/// <summary>Whose fault a failed statement is.</summary>
internal static class DatabaseFaults
{
    // SQLSTATE classes: data exceptions and constraint violations come from a row's content; they fail again however often they are sent.
    private const string DataException = "22";
    private const string IntegrityConstraintViolation = "23";

    /// <summary>
    /// EF Core wraps what it takes for worth a retry in an InvalidOperationException. Npgsql throws a bare TimeoutException where a first
    /// connection is waited for that another caller opens.
    /// </summary>
    public static bool IsOfTheDatabase(Exception error) =>
        error is DbException or DbUpdateException or TimeoutException || error.InnerException is DbException;

    public static bool IsOfARow(Exception error, out string sqlState)
    {
        sqlState = (error as PostgresException)?.SqlState ?? "";
        return sqlState.StartsWith(DataException, StringComparison.Ordinal)
            || sqlState.StartsWith(IntegrityConstraintViolation, StringComparison.Ordinal);
    }
}
