using System.Runtime.InteropServices;
using System.Text;

namespace ComputeShare.HosterNode.Gpus.Nvidia;

/// <summary>
/// The functions of NVIDIA's management library that a node needs (NVML API reference; names, constants and layouts are nvml.h's). A
/// question that the library, the GPU or the driver does not know is answered with null.
/// </summary>
internal sealed unsafe class Nvml(Func<string, nint> export)
{
    // NVML_DEVICE_NAME_V2_BUFFER_SIZE; NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE is 80.
    private const int TextLength = 96;
    private const int GpuSensor = 0;
    private const int SlowdownThreshold = 1;

    private readonly delegate* unmanaged<int> _init = (delegate* unmanaged<int>)export("nvmlInit_v2");
    private readonly delegate* unmanaged<int> _shutdown = (delegate* unmanaged<int>)export("nvmlShutdown");
    private readonly delegate* unmanaged<byte*, uint, int> _driver = (delegate* unmanaged<byte*, uint, int>)export("nvmlSystemGetDriverVersion");
    private readonly delegate* unmanaged<uint*, int> _count = (delegate* unmanaged<uint*, int>)export("nvmlDeviceGetCount_v2");
    private readonly delegate* unmanaged<uint, nint*, int> _device = (delegate* unmanaged<uint, nint*, int>)export("nvmlDeviceGetHandleByIndex_v2");
    private readonly delegate* unmanaged<nint, byte*, uint, int> _name = (delegate* unmanaged<nint, byte*, uint, int>)export("nvmlDeviceGetName");
    private readonly delegate* unmanaged<nint, MemoryInfo*, int> _memory = (delegate* unmanaged<nint, MemoryInfo*, int>)export("nvmlDeviceGetMemoryInfo");
    private readonly delegate* unmanaged<nint, int*, int*, int> _capability = (delegate* unmanaged<nint, int*, int*, int>)export("nvmlDeviceGetCudaComputeCapability");
    private readonly delegate* unmanaged<nint, UtilizationInfo*, int> _utilization = (delegate* unmanaged<nint, UtilizationInfo*, int>)export("nvmlDeviceGetUtilizationRates");
    private readonly delegate* unmanaged<nint, int, uint*, int> _temperature = (delegate* unmanaged<nint, int, uint*, int>)export("nvmlDeviceGetTemperature");
    private readonly delegate* unmanaged<nint, int, uint*, int> _threshold = (delegate* unmanaged<nint, int, uint*, int>)export("nvmlDeviceGetTemperatureThreshold");
    private readonly delegate* unmanaged<nint, uint*, int> _power = (delegate* unmanaged<nint, uint*, int>)export("nvmlDeviceGetPowerUsage");

    /// <summary>Null where it is not installed, or is one without these functions.</summary>
    public static Nvml? TryLoad()
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1", out var library))
        {
            return null;
        }

        try
        {
            return new Nvml(name => NativeLibrary.GetExport(library, name));
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>0, or the library's code of what failed.</summary>
    public int Init() => _init();

    public void Shutdown() => _ = _shutdown();

    public string DriverVersion()
    {
        var text = stackalloc byte[TextLength];
        return _driver(text, TextLength) == 0 ? Text(text) : "";
    }

    public int Count()
    {
        uint count;
        return _count(&count) == 0 ? (int)count : 0;
    }

    public nint? Device(int index)
    {
        nint device;
        return _device((uint)index, &device) == 0 ? device : null;
    }

    public string Name(nint device)
    {
        var text = stackalloc byte[TextLength];
        return _name(device, text, TextLength) == 0 ? Text(text) : "NVIDIA GPU";
    }

    public (ulong Total, ulong Used)? Memory(nint device)
    {
        MemoryInfo memory;
        return _memory(device, &memory) == 0 ? (memory.Total, memory.Used) : null;
    }

    public (int Major, int Minor)? ComputeCapability(nint device)
    {
        int major, minor;
        return _capability(device, &major, &minor) == 0 ? (major, minor) : null;
    }

    /// <summary>Percent.</summary>
    public uint? Utilization(nint device)
    {
        UtilizationInfo utilization;
        return _utilization(device, &utilization) == 0 ? utilization.Gpu : null;
    }

    /// <summary>Degrees Celsius.</summary>
    public uint? Temperature(nint device)
    {
        uint celsius;
        return _temperature(device, GpuSensor, &celsius) == 0 ? celsius : null;
    }

    /// <inheritdoc cref="GpuReading.SlowdownCelsius"/>
    public uint? SlowdownTemperature(nint device)
    {
        uint celsius;
        return _threshold(device, SlowdownThreshold, &celsius) == 0 && celsius > 0 ? celsius : null;
    }

    public uint? PowerMilliwatts(nint device)
    {
        uint milliwatts;
        return _power(device, &milliwatts) == 0 ? milliwatts : null;
    }

    private static string Text(byte* text) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    [StructLayout(LayoutKind.Sequential)]
    internal struct MemoryInfo
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct UtilizationInfo
    {
        public uint Gpu;
        public uint Memory;
    }
}
