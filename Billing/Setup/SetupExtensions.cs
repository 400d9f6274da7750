using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Setup;

internal static class SetupExtensions
{
    public static WebApplicationBuilder AddDatabaseSetup(this WebApplicationBuilder builder)
    {
        builder.AddBillingDatabase();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IValidateOptions<MigrationOptions>, MigrationOptionsValidator>();
        builder.Services.AddOptions<MigrationOptions>().BindConfiguration(MigrationOptions.Section);
        builder.Services.AddOptions<DemoOptions>().BindConfiguration(DemoOptions.Section);
        builder.Services.AddSingleton<TopUp>();
        builder.Services.AddSingleton<DatabaseWait>();
        builder.Services.AddSingleton<SetupLock>();
        builder.Services.AddSingleton<ServiceRole>();
        builder.Services.AddSingleton<CatalogueSeed>();
        builder.Services.AddSingleton<DemoSeed>();
        builder.Services.AddSingleton<DatabaseSetup>();
        return builder;
    }
}
