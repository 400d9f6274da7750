using System.ComponentModel;
using System.Diagnostics;

namespace ComputeShare.TestSupport.Servers;

/// <summary>The wall clock of some processes, which a test lets jump while they run. Their monotonic clock goes on as every machine's does.</summary>
internal sealed class ProcessClock : IDisposable
{
    private readonly string _library;
    private readonly string _file = Path.GetTempFileName();

    private ProcessClock(string library)
    {
        _library = library;
        Jump(TimeSpan.Zero);
        if (!OperatingSystem.IsWindows())
        {
            // PostgreSQL, too, which runs as another user where this is root.
            File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    /// <summary>What makes a process go by it.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["LD_PRELOAD"] = _library, ["CLOCK_JUMP"] = _file };

    /// <summary>Compiles what the processes load; skips the test where nothing can.</summary>
    /// <param name="folder">For what is compiled; everybody may search it.</param>
    public static async Task<ProcessClock[]> CreateAsync(int clocks, string folder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux can a process be given a clock of its own.");
        var library = Path.Combine(folder, "process-clock.so");
        var compiler = new ProcessStartInfo("cc", ["-shared", "-fPIC", "-O1", "-o", library, Repository.PathOf("tests", "TestSupport", "Servers", "process-clock.c")]);
        try
        {
            using var compiling = Process.Start(compiler)!;
            await compiling.WaitForExitAsync(CancellationToken.None);
            Assert.Equal(0, compiling.ExitCode);
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no C compiler, which a clock of a process' own needs (Debian: gcc).");
        }

        return [.. Enumerable.Range(0, clocks).Select(_ => new ProcessClock(library))];
    }

    /// <param name="ahead">Of the true time from now on; negative: behind it.</param>
    public void Jump(TimeSpan ahead)
    {
        // In place and at once: the processes have this very file in their memory.
        using var file = new FileStream(_file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(BitConverter.GetBytes((long)ahead.TotalSeconds));
    }

    public void Dispose() => File.Delete(_file);
}
