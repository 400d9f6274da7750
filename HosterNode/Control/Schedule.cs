namespace ComputeShare.HosterNode.Control;

/// <summary>When the node is offered. Without windows it always is.</summary>
internal sealed record Schedule(IReadOnlyList<ScheduleWindow> Windows)
{
    public const string Shape = "windows of the day such as 22:00-08:00, with commas between them, or off";

    private const int MostWindows = 24;
    private const string Off = "off";

    public static Schedule Always { get; } = new([]);

    /// <summary>Null: it is none.</summary>
    public static Schedule? TryParse(string text)
    {
        if (text.Trim() is "" or Off)
        {
            return Always;
        }

        var windows = text.Split(',').Select(ScheduleWindow.TryParse).ToArray();
        return windows.Length <= MostWindows && windows.All(window => window is not null)
            ? new Schedule([.. windows.Select(window => window!.Value)])
            : null;
    }

    /// <summary>
    /// By the wall's clock, whatever that does: in the night in which summer time begins, an hour of the window is missing; in the one in
    /// which it ends, an hour comes twice.
    /// </summary>
    public bool IsOpen(DateTimeOffset localNow) => Windows.Count == 0 || Windows.Any(window => window.Contains(TimeOnly.FromTimeSpan(localNow.TimeOfDay)));

    public override string ToString() => Windows.Count == 0 ? Off : string.Join(',', Windows);
}
