namespace ComputeShare.ServiceDefaults.Faults;

/// <summary>
/// Faults for processes that run already: a file with the name of a point holds an action. Whoever reaches the point first, of all
/// processes that look into the folder, renames the file to <c>POINT.reached</c> and does what it says, once. The action <c>wait</c> waits
/// until that file is gone, so that a test can do to another process, such as PostgreSQL, what it likes at this very moment.
/// </summary>
internal sealed class FaultFolder(string path)
{
    private const string Wait = "wait";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    public static string Reached(string point) => point + ".reached";

    public async ValueTask ReachAsync(string point, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (armed, reached) = (Path.Combine(path, point), Path.Combine(path, Reached(point)));
        if (!File.Exists(armed))
        {
            return;
        }

        try
        {
            File.Move(armed, reached);
        }
        catch (FileNotFoundException)
        {
            // Another process has it.
            return;
        }

        var action = (await File.ReadAllTextAsync(reached, cancellationToken)).Trim();
        if (action == Wait)
        {
            while (File.Exists(reached))
            {
                await Task.Delay(LookEvery, clock, cancellationToken);
            }
        }
        else
        {
            await (Fault.TryParse(point, action, out var fault)
                ? fault!.HappenAsync(clock, cancellationToken)
                : throw new InvalidOperationException($"{armed} must hold kill, throw, delay:MILLISECONDS or {Wait}."));
        }
    }
}
