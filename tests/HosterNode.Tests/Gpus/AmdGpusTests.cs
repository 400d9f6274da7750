using ComputeShare.HosterNode.Gpus;
using ComputeShare.HosterNode.Gpus.Amd;

namespace ComputeShare.HosterNode.Tests.Gpus;

/// <summary>Against a folder with the files that the amdgpu driver has in sysfs.</summary>
public sealed class AmdGpusTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("computeshare-sysfs-");

    [Fact]
    public void Read_OneCardBesideAnotherMakers_TellsOfIt()
    {
        Write("class/drm/card0/device/vendor", "0x8086");
        Write("class/drm/card1/device/vendor", "0x1002");
        Write("class/drm/card1/device/product_name", "Radeon RX 7900 XTX");
        Write("class/drm/card1/device/mem_info_vram_total", "25753026560");
        Write("class/drm/card1/device/mem_info_vram_used", "1048576");
        Write("class/drm/card1/device/gpu_busy_percent", "37");
        Write("class/drm/card1/device/hwmon/hwmon3/temp1_input", "61000");
        Write("class/drm/card1/device/hwmon/hwmon3/temp1_crit", "100000");
        Write("class/drm/card1/device/hwmon/hwmon3/power1_average", "145000000");
        Write("class/drm/card1-DP-1/device/vendor", "0x1002");
        Write("module/amdgpu/version", "6.7.0");

        var gpu = Assert.Single(new AmdGpus(_root.FullName).Read());

        Assert.Equal(new GpuReading("Radeon RX 7900 XTX", 25_753_026_560, 1_048_576, "6.7.0", "", 37, 61, 100, 145), gpu);
    }

    [Fact]
    public void Read_CardThatTellsLittle_LeavesTheRestOpen()
    {
        Write("class/drm/card0/device/vendor", "0x1002");
        Write("class/drm/card0/device/device", "0x744c");
        Write("class/drm/card0/device/mem_info_vram_total", "1024");

        var gpu = Assert.Single(new AmdGpus(_root.FullName).Read());

        Assert.Equal(new GpuReading("AMD GPU 0x744c", 1024, 0, "amdgpu", "", null, null, null, null), gpu);
    }

    [Fact]
    public void Read_NoGraphics_IsEmpty() => Assert.Empty(new AmdGpus(_root.FullName).Read());

    public void Dispose() => _root.Delete(recursive: true);

    private void Write(string file, string text)
    {
        var path = Path.Combine(_root.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text + "\n");
    }
}
