using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Counting;
using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Generations;
using ComputeShare.Billing.Holds;
using ComputeShare.Billing.Hosters;
using ComputeShare.Billing.Idempotency;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.ModelCatalogue;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Partitions;
using ComputeShare.Billing.Payments;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Pricing;
using ComputeShare.Billing.Probing;
using ComputeShare.Billing.Sessions;
using ComputeShare.Billing.Settlement;
using ComputeShare.Billing.Usage;
using ComputeShare.ServiceDefaults;
using ComputeShare.ServiceDefaults.Ports;

namespace ComputeShare.Billing;

/// <summary>The table of contents of the serving process: what Billing is made of.</summary>
internal static class BillingService
{
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults(PortRole.Internal, PortRole.Health);
        builder.AddServiceSecret();
        builder.AddBillingDatabase();
        builder.AddDatabaseHealth();
        builder.AddPartitions();
        builder.AddKeys();
        builder.AddModelCatalogue();
        builder.AddNodes();
        builder.AddCounting();
        builder.AddProbing();
        builder.AddPricing();
        builder.AddLedgerOptions();
        builder.AddHolds();
        builder.AddSettlement();
        builder.AddIdempotency();
        builder.AddEscrow();
        builder.AddHosters();
        builder.AddPayments();
        builder.AddGenerations();
        builder.AddUsage();
        builder.AddAudit();
        builder.AddSessions();

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.UseServiceSecret();
        app.MapSessions();
        return app;
    }
}
