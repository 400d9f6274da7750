using System.Runtime.InteropServices;
using ComputeShare.HosterNode.Gpus;
using ComputeShare.HosterNode.Gpus.Nvidia;
using Microsoft.Extensions.Logging.Abstractions;

namespace ComputeShare.HosterNode.Tests.Gpus;

/// <summary>Against functions with NVML's signatures: two GPUs, of which the second tells only what it must.</summary>
public sealed unsafe class NvidiaGpusTests
{
    private const int NotSupported = 3;
    private const int DriverNotLoaded = 9;

    private static int _initCode;

    [Fact]
    public void Read_TwoGpus_TellsWhatTheLibraryKnows()
    {
        _initCode = 0;
        using var gpus = new NvidiaGpus(new Nvml(Export), NullLogger<NvidiaGpus>.Instance);

        Assert.Equal(
            [
                new GpuReading("NVIDIA H100", 80_000, 30_000, "570.1", "9.0", 42, 55, 87, 310.5),
                new GpuReading("NVIDIA T4", 16_000, 1_000, "570.1", "9.0", null, null, null, null),
            ],
            gpus.Read());
    }

    [Fact]
    public void Read_DriverComesLater_IsFoundThen()
    {
        _initCode = DriverNotLoaded;
        using var gpus = new NvidiaGpus(new Nvml(Export), NullLogger<NvidiaGpus>.Instance);

        Assert.Empty(gpus.Read());
        _initCode = 0;
        Assert.Equal(2, gpus.Read().Count);
    }

    [Fact]
    public void Read_NoLibrary_IsEmpty()
    {
        using var gpus = new NvidiaGpus(null, NullLogger<NvidiaGpus>.Instance);

        Assert.Empty(gpus.Read());
    }

    private static nint Export(string name) => name switch
    {
        "nvmlInit_v2" => (nint)(delegate* unmanaged<int>)&Init,
        "nvmlShutdown" => (nint)(delegate* unmanaged<int>)&Shutdown,
        "nvmlSystemGetDriverVersion" => (nint)(delegate* unmanaged<byte*, uint, int>)&Driver,
        "nvmlDeviceGetCount_v2" => (nint)(delegate* unmanaged<uint*, int>)&Count,
        "nvmlDeviceGetHandleByIndex_v2" => (nint)(delegate* unmanaged<uint, nint*, int>)&Handle,
        "nvmlDeviceGetName" => (nint)(delegate* unmanaged<nint, byte*, uint, int>)&Name,
        "nvmlDeviceGetMemoryInfo" => (nint)(delegate* unmanaged<nint, ulong*, int>)&Memory,
        "nvmlDeviceGetCudaComputeCapability" => (nint)(delegate* unmanaged<nint, int*, int*, int>)&Capability,
        "nvmlDeviceGetUtilizationRates" => (nint)(delegate* unmanaged<nint, uint*, int>)&Utilization,
        "nvmlDeviceGetTemperature" => (nint)(delegate* unmanaged<nint, int, uint*, int>)&Temperature,
        "nvmlDeviceGetTemperatureThreshold" => (nint)(delegate* unmanaged<nint, int, uint*, int>)&Threshold,
        "nvmlDeviceGetPowerUsage" => (nint)(delegate* unmanaged<nint, uint*, int>)&Power,
        _ => throw new EntryPointNotFoundException(name),
    };

    [UnmanagedCallersOnly]
    private static int Init() => _initCode;

    [UnmanagedCallersOnly]
    private static int Shutdown() => 0;

    [UnmanagedCallersOnly]
    private static int Driver(byte* text, uint length) => Write(text, length, "570.1"u8);

    [UnmanagedCallersOnly]
    private static int Count(uint* count) => Set(count, 2);

    [UnmanagedCallersOnly]
    private static int Handle(uint index, nint* device)
    {
        *device = (nint)index + 1;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Name(nint device, byte* text, uint length) => Write(text, length, device == 1 ? "NVIDIA H100"u8 : "NVIDIA T4"u8);

    [UnmanagedCallersOnly]
    private static int Memory(nint device, ulong* memory)
    {
        // Total, free, used.
        (memory[0], memory[1], memory[2]) = device == 1 ? (80_000UL, 50_000UL, 30_000UL) : (16_000UL, 15_000UL, 1_000UL);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Capability(nint device, int* major, int* minor)
    {
        (*major, *minor) = (9, 0);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Utilization(nint device, uint* rates) => device == 1 ? Set(rates, 42) : NotSupported;

    [UnmanagedCallersOnly]
    private static int Temperature(nint device, int sensor, uint* celsius) => device == 1 && sensor == 0 ? Set(celsius, 55) : NotSupported;

    [UnmanagedCallersOnly]
    private static int Threshold(nint device, int kind, uint* celsius) => device == 1 && kind == 1 ? Set(celsius, 87) : NotSupported;

    [UnmanagedCallersOnly]
    private static int Power(nint device, uint* milliwatts) => device == 1 ? Set(milliwatts, 310_500) : NotSupported;

    private static int Set(uint* value, uint to)
    {
        *value = to;
        return 0;
    }

    private static int Write(byte* text, uint length, ReadOnlySpan<byte> value)
    {
        var target = new Span<byte>(text, (int)length);
        value.CopyTo(target);
        target[value.Length] = 0;
        return 0;
    }
}
