using System.Security.Cryptography;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Fuzzing;

/// <summary>Some thousands of hostile streams, others each time; ten million with <c>./bench fuzz</c>. A failure's message has the number that makes it again.</summary>
public sealed class StreamFuzzTests
{
    private const int Cases = 5000;

    [Fact]
    public async Task Read_AnythingThatAnEngineMightSend_EndsInOrder()
    {
        var first = RandomNumberGenerator.GetInt32(int.MaxValue - Cases);
        TestContext.Current.TestOutputHelper?.WriteLine($"Cases {first} to {first + Cases - 1}.");
        var fuzz = new StreamFuzz();
        for (var number = first; number < first + Cases; number++)
        {
            await fuzz.RunAsync(number);
        }

        // Both ends are met, or the streams are not what they are meant to be.
        Assert.True(fuzz.Ends.Finished > Cases / 10 && fuzz.Ends.Failed > Cases / 10, $"{fuzz.Ends}");
    }
}
