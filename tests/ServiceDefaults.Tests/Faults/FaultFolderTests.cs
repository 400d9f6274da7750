using ComputeShare.ServiceDefaults.Faults;

namespace ComputeShare.ServiceDefaults.Tests.Faults;

public sealed class FaultFolderTests : IDisposable
{
    private const string Point = "gateway.held";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("computeshare-faults-");
    private readonly FaultPoints _faults;

    public FaultFolderTests() => _faults = new FaultPoints([], TimeProvider.System, new FaultFolder(_folder.FullName));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Reached => Path.Combine(_folder.FullName, FaultFolder.Reached(Point));

    [Fact]
    public async Task ReachAsync_ArmedWhileRunning_HappensOnce()
    {
        await _faults.ReachAsync(Point, Token);
        Arm("throw");

        await Assert.ThrowsAsync<FaultException>(async () => await _faults.ReachAsync(Point, Token));

        Assert.True(File.Exists(Reached));
        await _faults.ReachAsync(Point, Token);
    }

    [Fact]
    public async Task ReachAsync_Wait_GoesOnWhenTheFileIsGone()
    {
        Arm("wait");

        var waiting = _faults.ReachAsync(Point, Token).AsTask();

        Assert.True(File.Exists(Reached));
        Assert.False(waiting.IsCompleted);
        File.Delete(Reached);
        await waiting;
    }

    [Fact]
    public async Task ReachAsync_NotAnAction_SaysWhatItMustBe()
    {
        Arm("die");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await _faults.ReachAsync(Point, Token));

        Assert.Contains("must hold kill", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Arm(string action) => File.WriteAllText(Path.Combine(_folder.FullName, Point), action);
}
