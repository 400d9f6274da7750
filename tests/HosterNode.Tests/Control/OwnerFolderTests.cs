using ComputeShare.HosterNode.Control;

namespace ComputeShare.HosterNode.Tests.Control;

public sealed class OwnerFolderTests : IDisposable
{
    private const UnixFileMode OnlyOwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Write_OverAFileThatOthersCouldRead_LeavesOneForItsOwnerOnly()
    {
        var folder = _place.Folder.Create();
        File.WriteAllText(_place.FileOf("node.json"), "old");
        File.WriteAllText(_place.FileOf("node.json.new"), "left by a crash");

        folder.Write("node.json", "new");

        Assert.Equal("new", folder.Read("node.json"));
        Assert.Equal(["node.json"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(OnlyOwnersFile, File.GetUnixFileMode(_place.FileOf("node.json")));
            Assert.Equal(OnlyOwnersFile | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        }
    }

    [Fact]
    public void Read_NoSuchFile_IsNull() => Assert.Null(_place.Folder.Read("node.json"));

    [Fact]
    public void Lock_ASecondNode_IsToldWhichFolderItIs()
    {
        var folder = _place.Folder.Create();
        using (folder.Lock())
        {
            var error = Assert.Throws<ControlException>(folder.Lock);
            Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
        }

        folder.Lock().Dispose();
    }

    [Fact]
    public void Create_APathTooLongForASocket_IsRefused()
    {
        var folder = OwnerFolder.At(_place.FileOf(new string('x', 120)));

        Assert.Throws<ControlException>(folder.Create);
        Assert.False(Directory.Exists(folder.Path));
    }
}
