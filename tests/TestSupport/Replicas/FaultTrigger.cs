namespace ComputeShare.TestSupport.Replicas;

/// <summary>
/// Arms a fault point while the processes run: the first of them that reaches it dies, or waits. The other side of
/// <c>ServiceDefaults/Faults/FaultFolder</c>.
/// </summary>
internal sealed class FaultTrigger(string folder)
{
    /// <param name="action"><c>kill</c>, <c>throw</c>, <c>delay:MILLISECONDS</c> or <c>wait</c> (until <see cref="Clear"/>).</param>
    public void Arm(string point, string action)
    {
        // Whole or not at all: the processes look into the folder at any time.
        var unseen = Path.Combine(folder, $".{point}");
        File.WriteAllText(unseen, action);
        File.Move(unseen, Path.Combine(folder, point));
    }

    public bool IsReached(string point) => File.Exists(Reached(point));

    /// <summary>Disarms it, and lets go whoever waits there.</summary>
    public void Clear(string point)
    {
        File.Delete(Path.Combine(folder, point));
        File.Delete(Reached(point));
    }

    private string Reached(string point) => Path.Combine(folder, $"{point}.reached");
}
