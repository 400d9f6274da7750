using System.Globalization;

namespace ComputeShare.TestSupport.Fuzzing;

/// <summary>What holds for the cases of every fuzzer: they end, and one that shows something broken is told by its number, which makes it again.</summary>
/// <param name="name">Of what the cases are.</param>
public sealed class FuzzCases(string name)
{
    /// <summary>A case that takes as long does not end: tunnels, the slowest, take two milliseconds.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    // What a case may allocate beside so much for each of its bytes.
    private const long MostBytes = 1024 * 1024;
    private const long MostBytesPerByte = 400;

    /// <summary>Runs one case. One that waits too long is broken; one that never waits is not seen here, as it keeps the caller's thread.</summary>
    /// <exception cref="BrokenCaseException">Something happened that must not; the message has the case's number.</exception>
    public async Task RunAsync(int number, Func<int, Task> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        try
        {
            var running = run(number);
            await (running.IsCompleted ? running : running.WaitAsync(Hang));
        }
        catch (Exception error) when (error is not BrokenCaseException)
        {
            throw Broken(number, $"{error.GetType().Name} {error.StackTrace}");
        }
    }

    /// <exception cref="BrokenCaseException">It does not hold.</exception>
    public void Require(bool holds, int number, string what)
    {
        if (!holds)
        {
            throw Broken(number, "not " + what);
        }
    }

    /// <summary>Of a case that never leaves its thread: it has allocated no more than so many bytes of input explain.</summary>
    /// <param name="before"><see cref="GC.GetAllocatedBytesForCurrentThread"/> when it began.</param>
    /// <exception cref="BrokenCaseException">It has.</exception>
    public void RequireMemory(long before, int bytes, int number) =>
        Require(GC.GetAllocatedBytesForCurrentThread() - before < MostBytes + (MostBytesPerByte * bytes), number, "within its memory");

    private BrokenCaseException Broken(int number, string what) => new(string.Create(CultureInfo.InvariantCulture, $"{name} {number}: {what}"));
}

public sealed class BrokenCaseException(string message) : Exception(message);
