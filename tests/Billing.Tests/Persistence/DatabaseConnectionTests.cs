using ComputeShare.Billing.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ComputeShare.Billing.Tests.Persistence;

[Trait("Category", "Integration")]
public sealed class DatabaseConnectionTests(BillingFixture fixture)
{
    private NpgsqlDataSource Database => fixture.Billing.Services.GetRequiredService<NpgsqlDataSource>();

    [Fact]
    public async Task Statements_AreNotCompiledByPostgres_WhichTakesSeconds()
    {
        await using var command = Database.CreateCommand("SHOW jit");

        Assert.Equal("off", await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Statements_ThatHang_AreGivenUpAsLongAsSettlementsAreWaitedFor()
    {
        await using var connection = Database.CreateConnection();

        Assert.Equal((5, 5), (connection.CommandTimeout, connection.ConnectionTimeout));
    }
}
