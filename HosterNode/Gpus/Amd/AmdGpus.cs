using System.Globalization;
using System.Text.RegularExpressions;

namespace ComputeShare.HosterNode.Gpus.Amd;

/// <summary>AMD's GPUs as the amdgpu driver tells of them in sysfs (kernel documentation, gpu/amdgpu/driver-misc and thermal).</summary>
/// <param name="root">Where sysfs is mounted.</param>
internal sealed partial class AmdGpus(string root) : IGpuSource
{
    private const string Vendor = "0x1002";

    public IReadOnlyList<GpuReading> Read()
    {
        var cards = Path.Combine(root, "class", "drm");
        return !Directory.Exists(cards)
            ? []
            : [.. Directory.EnumerateDirectories(cards)
                .Where(card => CardName().IsMatch(Path.GetFileName(card)))
                .Order(StringComparer.Ordinal)
                .Select(card => Path.Combine(card, "device"))
                .Where(device => Text(device, "vendor") == Vendor && Number(device, "mem_info_vram_total") > 0)
                .Select(ReadDevice)];
    }

    private GpuReading ReadDevice(string device)
    {
        var monitors = Path.Combine(device, "hwmon");
        var monitor = Directory.Exists(monitors) ? Directory.EnumerateDirectories(monitors).FirstOrDefault() : null;
        return new GpuReading(
            Text(device, "product_name") is { Length: > 0 } name ? name : $"AMD GPU {Text(device, "device")}",
            (ulong)Number(device, "mem_info_vram_total")!,
            (ulong)(Number(device, "mem_info_vram_used") ?? 0),
            Text(Path.Combine(root, "module", "amdgpu"), "version") is { Length: > 0 } version ? version : "amdgpu",
            ComputeCapability: "",
            (uint?)Number(device, "gpu_busy_percent"),
            Whole(monitor, "temp1_input", 1000),
            Whole(monitor, "temp1_crit", 1000),
            // Older cards tell an average, newer ones the moment's.
            (Number(monitor, "power1_average") ?? Number(monitor, "power1_input")) / 1e6);
    }

    private static uint? Whole(string? folder, string file, long unit) => (uint?)(Number(folder, file) / unit);

    private static long? Number(string? folder, string file) =>
        folder is not null && long.TryParse(Text(folder, file), CultureInfo.InvariantCulture, out var number) && number >= 0 ? number : null;

    // A file that is missing, or that the driver refuses to read at the moment, tells nothing.
    private static string Text(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file)).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    // Its connectors are there too: card0-DP-1.
    [GeneratedRegex(@"^card\d+\z")]
    private static partial Regex CardName();
}
