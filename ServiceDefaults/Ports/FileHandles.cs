using System.Globalization;

namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>How many files and sockets this process may have open: <c>ulimit -n</c>, which .NET raises to its hard limit at the start.</summary>
internal static class FileHandles
{
    private const string Name = "Max open files";

    /// <returns><see cref="int.MaxValue"/> where the system does not tell, or does not limit it.</returns>
    public static int Limit()
    {
        try
        {
            var line = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) ?? "";
            return int.TryParse(line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture, out var limit)
                ? limit
                : int.MaxValue;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or IndexOutOfRangeException)
        {
            return int.MaxValue;
        }
    }
}
