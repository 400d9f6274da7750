using System.Diagnostics;
using System.Globalization;

namespace ComputeShare.ServiceDefaults.Faults;

/// <summary>
/// What happens at a point: <c>kill</c> (the process, as by kill -9), <c>throw</c>, or <c>delay:MILLISECONDS</c>; with <c>@N</c> behind it
/// only at the Nth arrival, else at each. In a <see cref="FaultFolder"/> also <c>wait</c>.
/// </summary>
internal sealed class Fault
{
    private readonly string _action;
    private readonly TimeSpan _delay;
    private readonly int _onlyAt;
    private int _arrivals;

    private Fault(string point, string action, TimeSpan delay, int onlyAt)
    {
        Point = point;
        _action = action;
        _delay = delay;
        _onlyAt = onlyAt;
    }

    public string Point { get; }

    public static bool TryParse(string point, string? text, out Fault? fault)
    {
        fault = null;
        var parts = (text ?? "").Split('@');
        var action = parts[0].Split(':');
        var onlyAt = 0;
        var delay = 0;
        var valid = parts.Length <= 2
            && (parts.Length == 1 || (int.TryParse(parts[1], CultureInfo.InvariantCulture, out onlyAt) && onlyAt > 0))
            && (action is ["kill"] or ["throw"]
                || (action is ["delay", var milliseconds] && int.TryParse(milliseconds, CultureInfo.InvariantCulture, out delay) && delay > 0));
        if (valid)
        {
            fault = new Fault(point, action[0], TimeSpan.FromMilliseconds(delay), onlyAt);
        }

        return valid;
    }

    public async ValueTask HappenAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _arrivals) != _onlyAt && _onlyAt > 0)
        {
            return;
        }

        switch (_action)
        {
            case "kill":
                Process.GetCurrentProcess().Kill();
                break;
            case "throw":
                throw new FaultException(Point);
            default:
                await Task.Delay(_delay, clock, cancellationToken);
                break;
        }
    }
}
