using System.Globalization;

namespace ComputeShare.HosterNode.Gpus.Nvidia;

/// <summary>NVIDIA's GPUs, where their management library is installed (it comes with the driver).</summary>
/// <param name="nvml">Null: it is not.</param>
internal sealed class NvidiaGpus(Nvml? nvml, ILogger<NvidiaGpus> logger) : IGpuSource, IDisposable
{
    private bool _started;
    private int _failure;

    public IReadOnlyList<GpuReading> Read()
    {
        if (nvml is null || !Start())
        {
            return [];
        }

        var driver = nvml.DriverVersion();
        return [.. Enumerable.Range(0, nvml.Count()).Select(index => nvml.Device(index)).OfType<nint>().Select(device => ReadDevice(nvml, device, driver))];
    }

    public void Dispose()
    {
        if (_started)
        {
            nvml!.Shutdown();
            _started = false;
        }
    }

    // A driver that is loaded after the node started is found with the next reading.
    private bool Start()
    {
        if (!_started)
        {
            var code = nvml!.Init();
            if (code != 0 && code != _failure)
            {
                GpuLog.NvmlFailed(logger, code);
            }

            (_started, _failure) = (code == 0, code);
        }

        return _started;
    }

    private static GpuReading ReadDevice(Nvml nvml, nint device, string driver)
    {
        var memory = nvml.Memory(device);
        return new GpuReading(
            nvml.Name(device),
            memory?.Total ?? 0,
            memory?.Used ?? 0,
            driver,
            nvml.ComputeCapability(device) is { } capability
                ? string.Create(CultureInfo.InvariantCulture, $"{capability.Major}.{capability.Minor}")
                : "",
            nvml.Utilization(device),
            nvml.Temperature(device),
            nvml.SlowdownTemperature(device),
            nvml.PowerMilliwatts(device) / 1000.0);
    }
}
