using System.Text;

namespace ComputeShare.TinyModel.Text;

/// <summary>The project's own phrases, in files beside this one: a line is a sign, a space and a text; lines that begin with "# " are comments.</summary>
internal static class TextFile
{
    public static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(TextFile).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The program has no text {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal))
            {
                yield return line;
            }
        }
    }
}
