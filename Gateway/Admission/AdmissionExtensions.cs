using ComputeShare.Gateway.Redis;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Admission;

internal static class AdmissionExtensions
{
    public static WebApplicationBuilder AddAdmission(this WebApplicationBuilder builder)
    {
        builder.AddRedis();
        builder.Services.AddSingleton<IValidateOptions<AdmissionOptions>, AdmissionOptionsValidator>();
        builder.Services.AddOptions<AdmissionOptions>().BindConfiguration(AdmissionOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<AdmissionGate>();
        builder.Services.AddSingleton<CreditReserver>();
        builder.Services.AddHostedService<AdmissionRenewer>();
        return builder;
    }
}
