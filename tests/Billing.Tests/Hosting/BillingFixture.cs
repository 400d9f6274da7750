using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.TestSupport.Servers;

[assembly: AssemblyFixture(typeof(BillingFixture))]

namespace ComputeShare.Billing.Tests.Hosting;

/// <summary>One PostgreSQL and one running service for all tests that bring their own accounts.</summary>
public sealed class BillingFixture : IAsyncLifetime
{
    private PostgresServer? _postgres;
    private RunningBilling? _billing;

    public PostgresServer Postgres => _postgres!;

    public RunningBilling Billing => _billing!;

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartAsync(CancellationToken.None);
        _billing = await RunningBilling.StartAsync(_postgres, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_billing is not null)
        {
            await _billing.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }
}
