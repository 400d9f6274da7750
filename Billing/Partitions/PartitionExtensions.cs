using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Partitions;

internal static class PartitionExtensions
{
    public static WebApplicationBuilder AddPartitions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<PartitionOptions>, PartitionOptionsValidator>();
        builder.Services.AddOptions<PartitionOptions>().BindConfiguration(PartitionOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<PartitionMaker>();
        builder.Services.AddHostedService<PartitionWorker>();
        return builder;
    }
}
