using ComputeShare.Contracts;
using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Joining;
using ComputeShare.HosterNode.Tests.Control;

namespace ComputeShare.HosterNode.Tests.Joining;

public sealed class NodeSettingsTests : IDisposable
{
    private static readonly NodeSettings Settings = new(
        new Uri("https://gateway.example.com/"), ApiKey.Create(ApiKey.HosterPrefix), "mine", "http://127.0.0.1:11434", "engine-secret", 4096, 3, EngineSlots: null,
        OwnerFirst: false, AllowUnencrypted: false, "/etc/ca.pem", [new OfferedModel("llama3.1:8b", 40_000_000, 4_000_000, 160_000_000), new OfferedModel("qwen:1b", 1, 2, 3)]);

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Save_AndLoad_IsTheSameForItsOwnerOnly()
    {
        Settings.Save(_place.Folder);

        var loaded = NodeSettings.Load(_place.Folder)!;

        Assert.Equal(Settings with { Models = [] }, loaded with { Models = [] });
        Assert.Equal(Settings.Models, loaded.Models);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_place.FileOf(OwnerFolder.SettingsFile)));
        }
    }

    [Fact]
    public void Load_BeforeTheFirstJoin_IsNull() => Assert.Null(NodeSettings.Load(_place.Folder));

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null, nothing")]
    public void Load_AFileThatIsNone_SaysWhatToDo(string content)
    {
        _place.Folder.Create().Write(OwnerFolder.SettingsFile, content);

        Assert.Contains("--gateway", Assert.Throws<JoinException>(() => NodeSettings.Load(_place.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToConfiguration_IsWhatTheNodeReads()
    {
        var keys = Settings.ToConfiguration();

        Assert.Equal(
            ("mine", "https://gateway.example.com/", "tunnel", "3", "false", "4096"),
            (keys["Node:Id"], keys["Node:Gateways:0"], keys["Node:Transport"], keys["Node:Slots"], keys["Node:OwnerFirst"], keys["Engine:ContextLength"]));
        Assert.Equal(("qwen:1b", "qwen:1b", "3"), (keys["Engine:Models:1"], keys["Node:ModelPrices:1:Model"], keys["Node:ModelPrices:1:Output"]));
    }

    [Fact]
    public void ToString_IsNoPlaceForKeys()
    {
        Assert.Equal("mine", Settings.ToString());
        Assert.DoesNotContain("secret", new JoinWishes { Key = "secret", EngineKey = "secret" }.ToString(), StringComparison.Ordinal);
    }
}
