using System.Text;

namespace ComputeShare.EndToEnd.Tests.Secrecy;

/// <summary>Looks for what must be nowhere; tells where something was, never what.</summary>
/// <param name="control">A word that is no secret: where it is found, a secret would have been found too.</param>
internal sealed class Findings(string control)
{
    private readonly byte[] _control = Encoding.UTF8.GetBytes(control);
    private readonly List<(string Name, byte[] Text)> _secrets = [];
    private readonly List<string> _found = [];
    private readonly List<string> _seen = [];

    public IReadOnlyList<string> Found => _found;

    /// <summary>The places where the control was.</summary>
    public IReadOnlyList<string> Seen => _seen;

    public long Bytes { get; private set; }

    public void LookFor(string name, string secret) => _secrets.Add((name, Encoding.UTF8.GetBytes(secret)));

    public void LookInto(string place, string text) => LookInto(place, Encoding.UTF8.GetBytes(text));

    public void LookInto(string place, ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        if (bytes.IndexOf(_control) >= 0)
        {
            _seen.Add(place);
        }

        foreach (var (name, text) in _secrets)
        {
            if (bytes.IndexOf(text) >= 0)
            {
                _found.Add($"{name} in {place}");
            }
        }
    }

    /// <summary>Every file below it but one; some of them change meanwhile.</summary>
    public void LookIntoFolder(string folder, string but)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            if (file == but)
            {
                continue;
            }

            try
            {
                LookInto(file, File.ReadAllBytes(file));
            }
            catch (IOException)
            {
                // Gone, or no file to be read.
            }
        }
    }
}
