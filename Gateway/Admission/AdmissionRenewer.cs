using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Admission;

internal sealed class AdmissionRenewer(AdmissionGate gate, IOptions<AdmissionOptions> options, TimeProvider clock, ILogger<AdmissionRenewer> logger)
    : PeriodicWorker(options.Value.RenewEvery, clock, logger)
{
    public override Task RunOnceAsync(CancellationToken cancellationToken) => gate.RenewAsync();
}
