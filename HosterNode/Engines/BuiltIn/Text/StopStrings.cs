namespace ComputeShare.HosterNode.Engines.BuiltIn.Text;

/// <summary>Finds stop strings in text that comes in parts.</summary>
internal sealed class StopStrings(IReadOnlyList<string> stops)
{
    /// <summary>Where the earliest stop string begins; -1 when there is none.</summary>
    public int Find(string text)
    {
        var found = -1;
        foreach (var stop in stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            found = at >= 0 && (found < 0 || at < found) ? at : found;
        }

        return found;
    }

    /// <summary>How much of the text can be shown: what follows may be the beginning of a stop string.</summary>
    public int SafeLength(string text)
    {
        var safe = text.Length;
        foreach (var stop in stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > 0; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    safe = Math.Min(safe, text.Length - length);
                    break;
                }
            }
        }

        return safe;
    }
}
