using System.Diagnostics;

namespace Aspire.Hosting.Running;

/// <summary>
/// A child under eng/lifeline, whose standard input is the life line: the end of this process by any cause ends the
/// child's whole process group, gently and 20 s later by force.
/// </summary>
internal sealed class ChildProcess
{
    // As eng/lifeline's own.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

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

    /// <summary>Gently, and by force when that takes too long.</summary>
    public async Task StopAsync()
    {
        Tell("stop");
        await ((Task)ExitCode).WaitAsync(Patience, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Kill();
        await ExitCode;
    }

    /// <summary>
    /// At once, its whole process group. Killing the process tree from here would first stop the life line's own processes, and some stay
    /// stopped.
    /// </summary>
    public void Kill() => Tell("kill");

    public static void Print(string name, string? line)
    {
        if (line is not null)
        {
            Console.Out.WriteLine($"[{name}] {line}");
        }
    }

    private void Tell(string word)
    {
        try
        {
            _process.StandardInput.WriteLine(word);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    private static async Task<int> WaitAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
