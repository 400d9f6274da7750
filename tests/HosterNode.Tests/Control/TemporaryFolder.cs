using ComputeShare.HosterNode.Control;

namespace ComputeShare.HosterNode.Tests.Control;

/// <summary>An owner's folder of a test's own, with a path short enough for a socket.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("cs-");

    public TemporaryFolder() => Folder = OwnerFolder.At(Path.Combine(_parent.FullName, "node"));

    public OwnerFolder Folder { get; }

    public string FileOf(string name) => Path.Combine(Folder.Path, name);

    public void Dispose() => _parent.Delete(recursive: true);
}
