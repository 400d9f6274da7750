using ComputeShare.Billing.Grouping;

namespace ComputeShare.Billing.Settlement;

internal static class SettlementExtensions
{
    public static WebApplicationBuilder AddSettlement(this WebApplicationBuilder builder)
    {
        builder.Services.AddLane<SettleCommand, SettleWriter>();
        builder.Services.AddSingleton<SettleIntake>();
        return builder;
    }
}
