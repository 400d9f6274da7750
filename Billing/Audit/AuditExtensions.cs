using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Audit;

internal static class AuditExtensions
{
    public static WebApplicationBuilder AddAudit(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<AuditOptions>, AuditOptionsValidator>();
        builder.Services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<LedgerAudit>();
        builder.Services.AddSingleton<AuditWorker>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AuditWorker>());
        builder.Services.AddHealthChecks().AddCheck<AuditWorker>("ledger", HealthStatus.Degraded);
        return builder;
    }
}
