using System.Text;

namespace ComputeShare.Scheduler.Tests;

internal static class Scripts
{
    /// <summary>A script's text, as the scheduler embeds it.</summary>
    public static string Text(string name)
    {
        using var stream = typeof(SchedulerProgram).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
