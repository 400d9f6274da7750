using Spectre.Console;

namespace ComputeShare.HosterNode.View;

internal static class ViewExtensions
{
    /// <summary>The terminal is the view's alone: the log goes into it, and nowhere else.</summary>
    public static void AddTerminalView(this WebApplicationBuilder builder, IAnsiConsole terminal)
    {
        builder.Logging.ClearProviders();
        // What the framework says of its start is nothing to the owner.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(terminal);
        builder.Services.AddSingleton<RecentLog>();
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<RecentLog>());
        builder.Services.AddHostedService<TerminalView>();
    }
}
