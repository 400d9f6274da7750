using System.Security.Cryptography;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Keys;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.TextCompletions;
using ComputeShare.Gateway.Tests.Metering;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>
/// Some thousands of hostile requests, of streams of frames, of tunnels and of nodes' states, others each time; millions with <c>./bench fuzz</c>. A failure's
/// message has the number that makes it again. What was found once is tried each time, as it is: a number makes another case as soon as a
/// generator changes.
/// </summary>
public sealed class FuzzTests
{
    [Fact]
    public async Task Requests_AnythingThatACallerMightSend_AreTakenOrRefusedInOrder()
    {
        var fuzz = new RequestFuzz();
        await RunAsync(5000, fuzz.RunAsync, () => fuzz.Ends);
    }

    [Fact]
    public async Task Frames_AnythingThatANodeMightAnswer_LeaveAsAWholeAnswerOrAnError()
    {
        using var fuzz = new FrameFuzz(TinyTokenizer.Instance);
        await RunAsync(3000, fuzz.RunAsync, () => fuzz.Ends);
    }

    [Fact]
    public async Task Tunnel_AnythingThatANodeMightSend_EndsTheCall()
    {
        var fuzz = new TunnelFuzz();
        await RunAsync(500, fuzz.RunAsync, () => fuzz.Ends);
    }

    [Fact]
    public async Task States_AnythingThatANodeMightSayOfItself_AreBoundedOrRefused()
    {
        var fuzz = new StateFuzz();
        await RunAsync(3000, fuzz.RunAsync, () => fuzz.Ends);
    }

    [Theory]
    [InlineData("""{"NAME":1}""")]
    [InlineData("""{"limits":{"NAME":1}}""")]
    [InlineData("""{"limits":{"NAME":-1}}""")]
    [InlineData("""{"spend_caps":[{"NAME":1}]}""")]
    public void Keys_UnknownFieldWithALongName_IsNamedByItsFirst64Characters(string body)
    {
        var (shown, longer) = (new string('n', 64), new string('n', 65));
        using var json = JsonDocument.Parse(body.Replace("NAME", new string('n', 5000), StringComparison.Ordinal));

        Assert.Contains(shown, Refusal(KeyTermsReader.Read, json), StringComparison.Ordinal);
        Assert.DoesNotContain(longer, Refusal(KeyTermsReader.Read, json), StringComparison.Ordinal);
        Assert.DoesNotContain(longer, Refusal(KeyTermsReader.ReadNameAndEnd, json), StringComparison.Ordinal);
        Assert.DoesNotContain(longer, Refusal(terms => KeyTermsReader.ReadGrace(terms), json), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void TextLogprobs_ThatAreNoNumbersInJson_AreAsGoodAsImpossible(float logprob)
    {
        var offset = 0;
        var token = new TokenLogprob { Token = "a", Logprob = logprob, Top = { new TokenLogprob { Token = "b", Logprob = logprob } } };

        var logprobs = TextLogprobs.Of([token], ref offset);

        Assert.Equal(-9999f, logprobs.TokenLogprobs[0]);
        Assert.Equal(-9999f, logprobs.TopLogprobs![0]["b"]);
    }

    private static string Refusal(Func<JsonElement, object> read, JsonDocument body)
    {
        var error = Assert.Throws<RequestRefusedException>(() => read(body.RootElement)).Error;
        return $"{error.Message} {error.Param}";
    }

    private static async Task RunAsync(int cases, Func<int, Task> run, Func<(long Good, long Bad)> ends)
    {
        var first = RandomNumberGenerator.GetInt32(int.MaxValue - cases);
        TestContext.Current.TestOutputHelper?.WriteLine($"Cases {first} to {first + cases - 1}.");
        for (var number = first; number < first + cases; number++)
        {
            await run(number);
        }

        // Both are met, or the cases are not what they are meant to be.
        var (good, bad) = ends();
        Assert.True(good > cases / 10 && bad > cases / 10, $"{good} good, {bad} bad");
    }
}
