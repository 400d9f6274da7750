namespace ComputeShare.HosterNode.View;

/// <summary>Keeps the newest lines of the log for the terminal's view, which a line written past it would tear. Safe for any thread.</summary>
internal sealed class RecentLog(TimeProvider clock) : ILoggerProvider
{
    private const int Kept = 6;

    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = new();

    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
    }

    private void Keep(LogLevel level, string message)
    {
        lock (_lock)
        {
            _lines.Enqueue(new LogLine(clock.GetLocalNow(), level, message));
            if (_lines.Count > Kept)
            {
                _lines.Dequeue();
            }
        }
    }

    private sealed class Logger(RecentLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Keep(logLevel, formatter(state, exception));
            }
        }
    }
}

internal sealed record LogLine(DateTimeOffset At, LogLevel Level, string Message);
