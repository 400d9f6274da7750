using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>Beside the host's own handling of the first signal: a closed terminal stops as well, a second Ctrl-C ends at once.</summary>
internal sealed class Signals : IDisposable
{
    private const int EndedByInterrupt = 130;

    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _interrupts;

    public Signals(IHostApplicationLifetime lifetime, Orchestrator orchestrator)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            lifetime.StopApplication();
        }));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            if (Interlocked.Increment(ref _interrupts) > 1)
            {
                orchestrator.Kill();
                System.Environment.Exit(EndedByInterrupt);
            }
        }));
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }
}
