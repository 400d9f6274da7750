namespace ComputeShare.AppHost;

/// <summary>The topology cannot start; the message is the one sentence that is shown.</summary>
internal sealed class StartupException(string message) : Exception(message)
{
    /// <summary>Instead of the runtime's stack trace, which would say nothing more to whoever started it.</summary>
    public static void ShowAsOneSentence() => AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    {
        if (unhandled.ExceptionObject is StartupException error)
        {
            Console.Error.WriteLine(error.Message);
            Environment.Exit(1);
        }
    };
}
