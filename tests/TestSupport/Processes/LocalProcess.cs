using System.Diagnostics;
using System.Globalization;

namespace ComputeShare.TestSupport.Processes;

/// <summary>
/// A real process of a test, started through <c>eng/lifeline</c>, so that it ends with the test run, however that ends. Its output is
/// kept for failure messages.
/// </summary>
public sealed class LocalProcess : IAsyncDisposable
{
    private const int KeptLines = 2000;

    private readonly Process _process;
    private readonly LinkedList<string> _output = new();
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Found)> _waiting = [];
    private readonly string _name;

    private LocalProcess(string name, Process process)
    {
        _name = name;
        _process = process;
    }

    /// <summary>The last lines of standard output and standard error, mixed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Of the program itself so far, all its threads.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            using var program = Program();
            return program.TotalProcessorTime;
        }
    }

    /// <summary>Memory of the program itself that is in RAM now.</summary>
    public long ResidentBytes
    {
        get
        {
            using var program = Program();
            return program.WorkingSet64;
        }
    }

    /// <summary>Of the program itself now; null when it has ended.</summary>
    public Footprint? Footprint => ProgramId() is { } program ? Footprint.Of(program) : null;

    /// <param name="command">The program, by name or path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Added to this process's own; null removes.</param>
    /// <param name="folder">Working folder; default: the checkout.</param>
    public static LocalProcess Start(
        string command,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? folder = null)
    {
        var start = new ProcessStartInfo(Repository.PathOf("eng", "lifeline"), [command, .. arguments])
        {
            WorkingDirectory = folder ?? Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var running = new LocalProcess(command, new Process { StartInfo = start, EnableRaisingEvents = true });
        running._process.OutputDataReceived += (_, line) => running.Keep(line.Data);
        running._process.ErrorDataReceived += (_, line) => running.Keep(line.Data);
        running._process.Exited += (_, _) => running.FailWaiting();
        running._process.Start();
        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        return running;
    }

    /// <summary>The first line of output, past ones included, that matches.</summary>
    /// <exception cref="InvalidOperationException">The process ended without it.</exception>
    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> matches, TimeSpan limit, CancellationToken cancellationToken)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            if (_output.FirstOrDefault(matches) is { } line)
            {
                return line;
            }

            _waiting.Add((matches, found));
        }

        if (_process.HasExited)
        {
            FailWaiting();
        }

        try
        {
            return await found.Task.WaitAsync(limit, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_name} did not print the awaited line within {limit.TotalSeconds:0} s. Its output:\n{Output}");
        }
    }

    /// <summary>Returns when a page of it answers well.</summary>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    /// <exception cref="TimeoutException">It did not in time.</exception>
    public async Task WaitUntilAnswersAsync(Uri page, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        await Poll.UntilAsync($"{page} answers", AnswersAsync, limit, cancellationToken);

        async Task<bool> AnswersAsync()
        {
            if (HasExited)
            {
                throw new InvalidOperationException($"{_name} has ended: {Output}");
            }

            try
            {
                using var answer = await http.GetAsync(page, cancellationToken);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    /// <summary>Asks it to end (SIGTERM, or what the lifeline was told) and waits.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>kill -9 of its process group.</summary>
    public async Task KillAsync()
    {
        try
        {
            await _process.StandardInput.WriteLineAsync("kill");
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Stops the program and its children as if the machine had no time for them, until <see cref="GoOnAsync"/>.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP");

    public Task GoOnAsync() => SignalAsync("-CONT");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        var program = ProgramId() ?? throw new InvalidOperationException($"{_name} does not run.");
        // The parent first: it starts no others then.
        await KillAsync(signal, program);
        foreach (var child in File.ReadAllText($"/proc/{program}/task/{program}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            await KillAsync(signal, int.Parse(child, CultureInfo.InvariantCulture));
        }
    }

    private static async Task KillAsync(string signal, int processId)
    {
        using var kill = Process.Start("kill", [signal, processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private Process Program() =>
        Process.GetProcessById(ProgramId() ?? throw new InvalidOperationException($"{_name} does not run."));

    // The life line has two children: the program, which is given a session of its own, and the shell that watches.
    private int? ProgramId()
    {
        const int session = 5;
        try
        {
            var id = _process.Id;
            var children = File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var program = Array.Find(children, child => File.ReadAllText($"/proc/{child}/stat").Split(' ')[session] == child);
            return program is null ? null : int.Parse(program, CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // It ended meanwhile.
            return null;
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AddLast(line);
            if (_output.Count > KeptLines)
            {
                _output.RemoveFirst();
            }

            foreach (var waiting in _waiting.Where(waiting => waiting.Matches(line)).ToArray())
            {
                _waiting.Remove(waiting);
                waiting.Found.TrySetResult(line);
            }
        }
    }

    private void FailWaiting()
    {
        lock (_output)
        {
            foreach (var (_, found) in _waiting)
            {
                found.TrySetException(new InvalidOperationException($"{_name} ended with code {_process.ExitCode}. Its output:\n{Output}"));
            }

            _waiting.Clear();
        }
    }
}
