using ComputeShare.Billing.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeShare.Billing.Tests.Persistence;

public sealed class DatabaseFaultsTests
{
    public static TheoryData<Exception> OfTheDatabase =>
    [
        new NpgsqlException("away"),
        new DbUpdateException("away"),
        new InvalidOperationException("may be transient", new NpgsqlException("away")),
        // As from NpgsqlDataSource, while another caller opens the first connection: it must not end the service.
        new TimeoutException("The operation has timed out."),
    ];

    [Theory]
    [MemberData(nameof(OfTheDatabase))]
    public void Exception_OfADatabaseThatIsAway_IsTheDatabases(Exception error) => Assert.True(DatabaseFaults.IsOfTheDatabase(error));

    [Fact]
    public void Exception_OfOurOwn_IsNot() => Assert.False(DatabaseFaults.IsOfTheDatabase(new InvalidOperationException("a defect")));
}
