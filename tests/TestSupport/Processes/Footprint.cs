using System.Globalization;

namespace ComputeShare.TestSupport.Processes;

/// <summary>What a process takes of the machine at one moment, as Linux tells it.</summary>
/// <param name="ProcessId">Another one after each start.</param>
/// <param name="ResidentBytes">Memory that is in RAM.</param>
/// <param name="Handles">Open files, sockets and the like.</param>
public sealed record Footprint(int ProcessId, long ResidentBytes, int Handles, int Threads)
{
    /// <summary>Null: it has ended.</summary>
    public static Footprint? Of(int processId)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");
        try
        {
            // In pages: the whole size, then what is resident.
            var pages = long.Parse(File.ReadAllText($"{folder}/statm").Split(' ')[1], CultureInfo.InvariantCulture);
            return new Footprint(
                processId,
                pages * Environment.SystemPageSize,
                Directory.EnumerateFileSystemEntries($"{folder}/fd").Count(),
                Directory.EnumerateDirectories($"{folder}/task").Count());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
