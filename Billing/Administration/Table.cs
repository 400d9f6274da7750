namespace ComputeShare.Billing.Administration;

/// <summary>Rows below a line of titles, in columns as wide as their widest cell.</summary>
internal sealed class Table(params string[] titles)
{
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [titles];

    public void Add(params string[] cells) => _rows.Add(cells);

    public async Task WriteAsync(TextWriter output)
    {
        var widths = titles.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            await output.WriteLineAsync(string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
