using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>The secret that Gateway, Scheduler and Billing share. Nodes never see it.</summary>
public sealed class ServiceSecretOptions
{
    public const string Section = "Services";

    /// <summary>At least 32 characters; the same for all services of one installation.</summary>
    [Required(ErrorMessage = "Services:Secret must be set."), MinLength(32, ErrorMessage = "Services:Secret must have at least 32 characters.")]
    public string Secret { get; set; } = "";
}

[OptionsValidator]
internal sealed partial class ServiceSecretOptionsValidator : IValidateOptions<ServiceSecretOptions>;

public static class ServiceSecretExtensions
{
    public static WebApplicationBuilder AddServiceSecret(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<ServiceSecretOptions>, ServiceSecretOptionsValidator>();
        builder.Services.AddOptions<ServiceSecretOptions>().BindConfiguration(ServiceSecretOptions.Section).ValidateOnStart();
        return builder;
    }

    /// <summary>Internal endpoints refuse callers without the service secret.</summary>
    public static void UseServiceSecret(this WebApplication app) =>
        app.UseInternalDoor(app.Services.GetRequiredService<IOptions<ServiceSecretOptions>>().Value.Secret);
}
