using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Admission;

internal sealed class AdmissionRenewer(AdmissionGate gate, IOptions<AdmissionOptions> options, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RenewEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await gate.RenewAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }
}
