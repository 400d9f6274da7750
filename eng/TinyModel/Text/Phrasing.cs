namespace ComputeShare.TinyModel.Text;

/// <summary>The same wish as different people type it.</summary>
internal sealed class Phrasing(Chooser chooser)
{
    private static readonly string[] Before = ["Please ", "please ", "Hey, ", "Hi, ", "Hi! ", "Hello! ", "Could you please ", "Can you ", "Ok, ", "Now "];
    private static readonly string[] After = [" please", ", please", " Thanks!", ", thanks", " :)", " for me", " now", " (short)", " Answer briefly."];

    public string Vary(string text)
    {
        if (chooser.Chance(12))
        {
            text = text.TrimEnd('.', '?', '!') + chooser.Any(After);
        }

        if (chooser.Chance(10))
        {
            text = chooser.Any(Before) + char.ToLowerInvariant(text[0]) + text[1..];
        }

        if (chooser.Chance(25))
        {
            text = text.ToLowerInvariant();
        }

        if (chooser.Chance(25))
        {
            text = chooser.Chance(60) ? text.TrimEnd('.', '?', '!') : text.TrimEnd('.') + chooser.Any([".", "!", "?"]);
        }

        if (chooser.Chance(6))
        {
            text = Mistype(text);
        }

        return text.Length > 0 ? text : "?";
    }

    private string Mistype(string text)
    {
        var at = chooser.Below(Math.Max(1, text.Length - 1));
        return at + 1 >= text.Length || !char.IsAsciiLetter(text[at]) || !char.IsAsciiLetter(text[at + 1]) ? text
            : chooser.Below(3) switch
            {
                0 => text[..at] + text[at + 1] + text[at] + text[(at + 2)..],
                1 => text[..at] + text[(at + 1)..],
                _ => text[..at] + text[at] + text[at..],
            };
    }
}
