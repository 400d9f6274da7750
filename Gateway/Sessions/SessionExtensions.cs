using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.ServiceDefaults.Ports;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Sessions;

internal static class SessionExtensions
{
    /// <summary>Sessions to <c>services:scheduler:http:n</c> and <c>services:billing:http:n</c>.</summary>
    public static WebApplicationBuilder AddServiceSessions(this WebApplicationBuilder builder)
    {
        builder.AddServiceSecret();
        builder.Services.AddSingleton<IValidateOptions<ServiceSessionOptions>, ServiceSessionOptionsValidator>();
        builder.Services.AddOptions<ServiceSessionOptions>().BindConfiguration(ServiceSessionOptions.Section).ValidateOnStart();
        var schedulers = builder.Configuration.GetServiceAddresses("scheduler");
        var billings = builder.Configuration.GetServiceAddresses("billing");
        builder.Services.AddSingleton(services => new SchedulerSessions(
            Members<SchedulerCommands, SchedulerCommand, SchedulerAnswers, SchedulerAnswer>(
                services, "scheduler", schedulers, (calls, stop) => new Scheduler.SchedulerClient(calls).Session(cancellationToken: stop))));
        builder.Services.AddSingleton(services => new BillingSessions(
            Members<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer>(
                services, "billing", billings, (calls, stop) => new Billing.BillingClient(calls).Session(cancellationToken: stop))));
        builder.Services.AddSingleton<SharedPause>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SchedulerSessions>());
        builder.Services.AddHostedService(services => services.GetRequiredService<BillingSessions>());
        builder.Services.AddHealthChecks().AddCheck<SessionsHealthCheck>("sessions");
        return builder;
    }

    private static SessionPool<TCommands, TCommand, TAnswers, TAnswer>.Member[] Members<TCommands, TCommand, TAnswers, TAnswer>(
        IServiceProvider services,
        string service,
        IReadOnlyList<Uri> addresses,
        Func<CallInvoker, CancellationToken, AsyncDuplexStreamingCall<TCommands, TAnswers>> open)
        where TCommands : class, ICommandBatch<TCommand>, new()
        where TCommand : class, ICommand
        where TAnswers : class, IAnswerBatch<TAnswer>
        where TAnswer : class, IAnswer
    {
        var options = services.GetRequiredService<IOptions<ServiceSessionOptions>>().Value;
        var secret = services.GetRequiredService<IOptions<ServiceSecretOptions>>().Value.Secret;
        var spans = services.GetRequiredService<GatewayTelemetry>().Spans;
        var clock = services.GetRequiredService<TimeProvider>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger($"ComputeShare.Gateway.Sessions.{service}");
        var deadline = new UnaryDeadline(options.AnswerTimeout, clock);
        return [.. addresses.Select(address => Member(StreamingChannel.Open(address, options.ConnectTimeout).WithSecret(secret).Intercept(deadline), address))];

        SessionPool<TCommands, TCommand, TAnswers, TAnswer>.Member Member(CallInvoker calls, Uri address) =>
            new(address.ToString(), new(service, stop => open(calls, stop), options, spans, clock, logger), calls);
    }
}
