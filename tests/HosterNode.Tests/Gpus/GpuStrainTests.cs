using ComputeShare.HosterNode.Gpus;

namespace ComputeShare.HosterNode.Tests.Gpus;

public sealed class GpuStrainTests
{
    private const int Total = 4;

    private readonly GpuStrain _strain = new(new GpuOptions());

    [Theory]
    [InlineData(84u, null, 4)]
    [InlineData(85u, null, 2)]
    [InlineData(84u, 89u, 2)]
    [InlineData(89u, 89u, 1)]
    [InlineData(null, null, 4)]
    public void SlotsOf_Temperature_HalvesWhenHotAndLeavesOneWhenItSlowsDown(uint? celsius, uint? slowdown, int slots) =>
        Assert.Equal(slots, _strain.SlotsOf(Total, [Gpu(celsius, slowdown)]));

    [Fact]
    public void SlotsOf_HotGpuThatCools_IsHotUntilFiveDegreesBelow()
    {
        Assert.Equal(2, _strain.SlotsOf(Total, [Gpu(86)]));
        Assert.Equal(2, _strain.SlotsOf(Total, [Gpu(81)]));
        Assert.Equal(4, _strain.SlotsOf(Total, [Gpu(79)]));
        Assert.Equal(4, _strain.SlotsOf(Total, [Gpu(84)]));
    }

    [Theory]
    [InlineData(97ul, 4, 4)]
    [InlineData(98ul, 4, 2)]
    [InlineData(98ul, 1, 1)]
    public void SlotsOf_Memory_HalvesWhenFull(ulong used, int total, int slots) =>
        Assert.Equal(slots, _strain.SlotsOf(total, [Gpu(50), Gpu(50) with { MemoryUsedBytes = used }]));

    [Fact]
    public void SlotsOf_NoGpu_OffersAll() => Assert.Equal(Total, _strain.SlotsOf(Total, []));

    private static GpuReading Gpu(uint? celsius, uint? slowdown = null) => new("GPU", 100, 10, "1", "", 0, celsius, slowdown, null);
}
