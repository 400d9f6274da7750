using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Counting;
using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Payouts;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Probing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ComputeShare.Billing.Administration;

internal static class AdministrationExtensions
{
    /// <summary>What the commands work with. Needs nothing but <c>ConnectionStrings:billing</c>, and listens nowhere.</summary>
    public static WebApplicationBuilder AddAdministration(this WebApplicationBuilder builder)
    {
        // Standard output belongs to the answers: a key is captured from there.
        builder.Logging.ClearProviders();
        builder.AddBillingDatabase();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<TopUp>();
        builder.Services.AddSingleton<Refund>();
        builder.Services.AddSingleton<LedgerAudit>();
        builder.Services.AddSingleton<AccountRegister>();
        builder.Services.AddSingleton<KeyWriter>();
        builder.Services.AddSingleton<KeyIssuer>();
        builder.Services.AddSingleton<CatalogueEditor>();
        builder.Services.AddSingleton<CountRegister>();
        builder.Services.AddSingleton<ProbeRegister>();
        builder.Services.AddSingleton<NodeDesk>();
        builder.Services.AddSingleton<CreditSale>();
        builder.AddStandings();
        builder.Services.AddSingleton<Forfeits>();
        builder.Services.AddSingleton<PayoutRegister>();
        builder.Services.AddSingleton<PayoutStatement>();
        builder.Services.AddSingleton<HosterDesk>();
        builder.Services.AddSingleton<PayoutDesk>();
        return builder;
    }
}
