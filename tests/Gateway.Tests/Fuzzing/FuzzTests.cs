using System.Security.Cryptography;
using ComputeShare.Gateway.Tests.Metering;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>
/// Some thousands of hostile requests, of streams of frames and of tunnels, others each time; millions with <c>./bench fuzz</c>. A failure's
/// message has the number that makes it again.
/// </summary>
public sealed class FuzzTests
{
    [Fact]
    public async Task Requests_AnythingThatACallerMightSend_AreTakenOrRefusedInOrder()
    {
        const int Cases = 5000;
        var fuzz = new RequestFuzz();

        await RunAsync(Cases, fuzz.RunAsync);

        // Both are met, or the bodies are not what they are meant to be.
        Assert.True(fuzz.Ends.Taken > Cases / 10 && fuzz.Ends.Refused > Cases / 10, $"{fuzz.Ends}");
    }

    [Fact]
    public async Task Frames_AnythingThatANodeMightAnswer_LeaveAsAWholeAnswerOrAnError()
    {
        const int Cases = 3000;
        using var fuzz = new FrameFuzz(TinyTokenizer.Instance);

        await RunAsync(Cases, fuzz.RunAsync);

        Assert.True(fuzz.Ends.Whole > Cases / 10 && fuzz.Ends.Failed > Cases / 10, $"{fuzz.Ends}");
    }

    [Fact]
    public async Task Tunnel_AnythingThatANodeMightSend_EndsTheCall()
    {
        const int Cases = 500;
        var fuzz = new TunnelFuzz();

        await RunAsync(Cases, fuzz.RunAsync);

        Assert.True(fuzz.Ends.Whole > Cases / 10 && fuzz.Ends.Lost > Cases / 10, $"{fuzz.Ends}");
    }

    private static async Task RunAsync(int cases, Func<int, Task> run)
    {
        var first = RandomNumberGenerator.GetInt32(int.MaxValue - cases);
        TestContext.Current.TestOutputHelper?.WriteLine($"Cases {first} to {first + cases - 1}.");
        for (var number = first; number < first + cases; number++)
        {
            await run(number);
        }
    }
}
