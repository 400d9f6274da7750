using System.Text;
using ComputeShare.Gateway.Scheduling;
using Google.Protobuf;

namespace ComputeShare.Gateway.Tests.Scheduling;

public sealed class PrefixHashesTests
{
    private static readonly byte[] Salt = new byte[32];

    [Fact]
    public void BlocksAt_EachStep_AreTwoPerDoubling() =>
        Assert.Equal([1, 2, 3, 4, 6, 8, 12, 16, 24, 32], Enumerable.Range(0, 10).Select(PrefixHashes.BlocksAt));

    [Fact]
    public void Of_AShortPrompt_IsNone() => Assert.Empty(Of("Hi"));

    [Fact]
    public void Of_AConversationThatGoesOn_BeginsWithTheSame()
    {
        var first = Of(Text(1500));
        var second = Of(Text(1500), "An answer.", "And?" + Text(3000));

        Assert.Equal(4, first.Count);
        Assert.True(second.Count > first.Count);
        Assert.Equal(first, second.Take(first.Count));
    }

    [Fact]
    public void Of_ADifferentFirstByte_SharesNothing()
    {
        Assert.Empty(Of(Text(3000)).Intersect(Of("x" + Text(3000))));
    }

    [Fact]
    public void Of_ADifferenceLaterOn_SharesWhatIsBeforeIt()
    {
        var (one, other) = (Of(Text(1000) + Text(3000)), Of(Text(1000) + "x" + Text(3000)));

        Assert.Equal(one.Take(4), other.Take(4));
        Assert.Empty(one.Skip(4).Intersect(other.Skip(4)));
    }

    [Fact]
    public void Of_AnotherSaltOrOtherTools_SharesNothing()
    {
        var work = Work("", Text(3000));

        Assert.Empty(PrefixHashes.Of(work, Salt).Intersect(PrefixHashes.Of(work, [1, .. Salt])));
        Assert.Empty(PrefixHashes.Of(work, Salt).Intersect(PrefixHashes.Of(Work("\"tools\":[{\"type\":\"function\"}],", Text(3000)), Salt)));
    }

    [Fact]
    public void Of_SamplingAndFieldOrder_DoNotMatter()
    {
        Assert.Equal(PrefixHashes.Of(Work("", Text(3000)), Salt), PrefixHashes.Of(Work("\"temperature\":1,\"logit_bias\":{\"messages\":[1]},", Text(3000)), Salt));
    }

    [Fact]
    public void Of_AHugePrompt_IsBounded() => Assert.InRange(Of(Text(8_000_000)).Count, 20, 26);

    private static List<ByteString> Of(params string[] contents) => PrefixHashes.Of(Work("", contents), Salt);

    private static byte[] Work(string before, params string[] contents) => Encoding.UTF8.GetBytes(
        $"{{{before}\"messages\":[{string.Join(',', contents.Select(content => $"{{\"role\":\"user\",\"content\":\"{content}\"}}"))}]}}");

    private static string Text(int length) => string.Concat(Enumerable.Range(0, (length / 5) + 1).Select(i => $"{i % 10000:D4} "))[..length];
}
