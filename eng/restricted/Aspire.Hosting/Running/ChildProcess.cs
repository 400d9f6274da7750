using System.Diagnostics;

namespace Aspire.Hosting.Running;

/// <summary>
/// A child under eng/lifeline, whose standard input is the life line: closing it, or the end of this process by any cause, ends the
/// child's whole process group, gently and 20 s later by force.
/// </summary>
internal sealed class ChildProcess
{
    private readonly Process _process;

    private ChildProcess(Process process)
    {
        _process = process;
        ExitCode = WaitAsync(process);
    }

    public Task<int> ExitCode { get; }

    public static ChildProcess Start(
        string name,
        string lifeline,
        IReadOnlyList<string> command,
        string workingDirectory,
        IReadOnlyDictionary<string, string> environment)
    {
        // In a session of its own also the life line is out of reach of a terminal's Ctrl-C, which would stop all children at once.
        var start = new ProcessStartInfo("setsid", [lifeline, .. command])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Print(name, line.Data);
        process.ErrorDataReceived += (_, line) => Print(name, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process);
    }

    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await ExitCode;
    }

    /// <summary>At once, with everything that descends from it.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    public static void Print(string name, string? line)
    {
        if (line is not null)
        {
            Console.Out.WriteLine($"[{name}] {line}");
        }
    }

    private static async Task<int> WaitAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
