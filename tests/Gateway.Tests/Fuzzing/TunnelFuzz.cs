using System.Net.WebSockets;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Nodes.Tunnels;
using ComputeShare.Gateway.Streaming;
using ComputeShare.Gateway.Streaming.Frames;
using ComputeShare.ServiceDefaults.Tunnels;
using ComputeShare.TestSupport.Fuzzing;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>
/// One tunnel after the other with hostile bytes in it, under a call as the gateway makes it. Whatever comes, the call ends as a call to a
/// node ends, soon after the bytes have; none is waited for, and nothing else is thrown.
/// </summary>
internal sealed class TunnelFuzz
{
    private static readonly FuzzCases Cases = new("Tunnel");

    private const string DialToken = "dial-token-of-the-fuzz-0123456789-0123456789";

    private static readonly StreamingOptions Deadlines = new();
    private static readonly TunnelOptions Options = new();

    /// <summary>How many calls ended as they should, and how many were lost.</summary>
    public (long Whole, long Lost) Ends { get; private set; }

    /// <summary>Runs one case.</summary>
    /// <exception cref="BrokenCaseException">Something happened that must not; the message has the case's number.</exception>
    public Task RunAsync(int number) => Cases.RunAsync(number, RunCaseAsync);

    private async Task RunCaseAsync(int number)
    {
        var random = new Random(number);
        var http = new HostileHttp2(random);
        var messages = new HostileFrames(random).Next(choices: 1, inputs: 0);
        var bytes = http.Next(messages);
        using var socket = new ScriptedSocket(bytes, http.Greeting, random);
        var tunnel = new TunnelChannel("tunnel", DialToken, new TunnelStream(socket), Options, TimeProvider.System);
        var arrived = TimeProvider.System.GetTimestamp();
        var frames = 0;
        await using (var reader = new NodeStreamReader(
            stop => new GenerateCall(tunnel.Way, new GenerateRequest { RequestId = "fuzz" }, stop), Deadlines, TimeProvider.System, arrived, CancellationToken.None))
        {
            while (await reader.ReadAsync())
            {
                Cases.Require(++frames <= bytes.Length, number, "as many frames as there are bytes for");
            }

            Cases.Require(reader.End == CompletionOutcome.NodeLost, number, "a lost node");
        }

        await tunnel.CloseAsync(WebSocketCloseStatus.NormalClosure, "");
        Cases.Require(tunnel.Ended.IsCompleted, number, "a tunnel that has ended");
        Ends = frames == messages.Count ? (Ends.Whole + 1, Ends.Lost) : (Ends.Whole, Ends.Lost + 1);
    }
}
