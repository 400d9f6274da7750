using System.Text;

namespace ComputeShare.EndToEnd.Tests.Secrecy;

/// <summary>Looks for what must be nowhere; tells where something was, never what.</summary>
internal sealed class Findings
{
    private readonly List<(string Name, byte[] Text)> _secrets = [];
    private readonly List<string> _found = [];

    public IReadOnlyList<string> Found => _found;

    public long Bytes { get; private set; }

    public void LookFor(string name, string secret) => _secrets.Add((name, Encoding.UTF8.GetBytes(secret)));

    public void LookInto(string place, string text) => LookInto(place, Encoding.UTF8.GetBytes(text));

    public void LookInto(string place, ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        foreach (var (name, text) in _secrets)
        {
            if (bytes.IndexOf(text) >= 0)
            {
                _found.Add($"{name} in {place}");
            }
        }
    }

    /// <summary>Every file below it; some of them change meanwhile.</summary>
    public void LookIntoFolder(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
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
