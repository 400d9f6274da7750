using System.Diagnostics;

namespace ComputeShare.TestSupport.Servers;

/// <summary>A file system in memory, which really runs full. Only root may mount one: else the test is skipped.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _filler;

    private SmallDisk(string path)
    {
        Path = path;
        _filler = System.IO.Path.Combine(path, "filler");
    }

    public string Path { get; }

    /// <param name="path">Made if it is not there.</param>
    /// <param name="size">As mount takes it.</param>
    public static async Task<SmallDisk> MountAsync(string path, string size = "64k")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root may mount the small disk that this test fills.");
        Directory.CreateDirectory(path);
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path), "Nothing may be mounted here.");
        return new SmallDisk(path);
    }

    public void Fill()
    {
        const int block = 512;
        using var file = new FileStream(_filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        // Large pieces first, then what is left between them.
        foreach (var piece in new[] { new byte[1024 * block], new byte[block] })
        {
            try
            {
                while (true)
                {
                    file.Write(piece);
                }
            }
            catch (IOException)
            {
                // Full.
            }
        }
    }

    public void MakeRoom() => File.Delete(_filler);

    public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", Path);

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode == 0;
    }
}
