using System.Text;

namespace ComputeShare.EndToEnd.Tests.Secrecy;

/// <summary>What the marketplace's gateway was started with, as its own machine knows it: the AppHost tells nobody.</summary>
internal sealed class GatewayProcess
{
    private readonly Dictionary<string, string> _environment;

    private GatewayProcess(Dictionary<string, string> environment) => _environment = environment;

    public string this[string variable] => _environment[variable];

    /// <param name="dataFolder">Of the AppHost that started it.</param>
    public static GatewayProcess Find(string dataFolder)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(folder[^1])))
        {
            if (Read(process) is { } environment && environment.GetValueOrDefault("Settlement__SpoolPath", "").StartsWith(dataFolder, StringComparison.Ordinal))
            {
                return new GatewayProcess(environment);
            }
        }

        throw new InvalidOperationException($"No process has its spool below {dataFolder}.");
    }

    private static Dictionary<string, string>? Read(string process)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(process, "environ"))).Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Select(variable => variable.Split('=', 2)).Where(parts => parts.Length == 2)
                .GroupBy(parts => parts[0]).ToDictionary(parts => parts.Key, parts => parts.Last()[1]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return null;
        }
    }
}
