using System.CommandLine;

namespace ComputeShare.Billing.CommandLine;

/// <summary>What <c>Billing</c> does without a command: it serves until it is told to stop.</summary>
internal static class ServeCommand
{
    public static async Task RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        await using var app = BillingService.Build(WebApplication.CreateBuilder());
        await app.RunAsync(cancellationToken);
    }
}
