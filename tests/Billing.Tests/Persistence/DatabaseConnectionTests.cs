using ComputeShare.Billing.Persistence;
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

    [Theory]
    [InlineData("plan_cache_mode", "force_generic_plan")]
    [InlineData("enable_seqscan", "off")]
    [InlineData("jit", "off")]
    [InlineData("synchronous_commit", "off")]
    [InlineData("default_transaction_isolation", "read committed")]
    public async Task StatementsOfLanes_ArePlannedOnceAndByKeyAndWaitForNoDisk(string setting, string value)
    {
        await using var connection = await fixture.Billing.Services.GetRequiredService<LaneDatabase>().OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"SHOW {setting}", connection);

        Assert.Equal(value, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Statements_ThatHang_AreGivenUpAsLongAsSettlementsAreWaitedFor()
    {
        await using var connection = Database.CreateConnection();

        Assert.Equal((5, 5), (connection.CommandTimeout, connection.ConnectionTimeout));
    }
}
