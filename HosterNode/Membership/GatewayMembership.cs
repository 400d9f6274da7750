using System.Security.Cryptography;

namespace ComputeShare.HosterNode.Membership;

/// <summary>
/// This node at one gateway. It asks to be called, and again: when the gateway's watch ends, when its time is over (which costs nothing
/// where all is well), and with growing, jittered pauses while it is not let in.
/// </summary>
/// <param name="longestPause">Between two asks of a gateway that does not let this node in.</param>
internal sealed class GatewayMembership(
    Uri gateway, string hosterKey, TimeSpan longestPause, JoinClient client, GatewayWatches watches, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private volatile string? _name;
    private string _lastReason = "";

    /// <summary>The gateway has handed this node on to a Scheduler, and watches it.</summary>
    public bool IsIn => _name is { } name && !watches.EndOf(name).IsCompleted;

    public async Task RunAsync(Func<JoinRequest> request, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            var answer = await client.AskAsync(gateway, hosterKey, request(), cancellationToken);
            Note(answer);
            if (answer is { IsIn: true, Joined: { } joined })
            {
                pause = FirstPause;
                var askAgain = Task.Delay(Jittered(TimeSpan.FromMilliseconds(joined.AskAgainMs)), clock, cancellationToken);
                if (await Task.WhenAny(watches.EndOf(joined.Gateway), askAgain) == askAgain)
                {
                    continue;
                }
            }

            // Many nodes that lost the same gateway do not come back in the same moment.
            await Task.Delay(Jittered(pause), clock, cancellationToken);
            pause = pause * 2 < longestPause ? pause * 2 : longestPause;
        }
    }

    private void Note(JoinAnswer answer)
    {
        var name = answer.IsIn ? answer.Joined!.Gateway : null;
        if (name is not null && name != _name)
        {
            MembershipLog.Joined(log, gateway, name);
        }

        if (answer.Joined is null && answer.Reason != _lastReason)
        {
            MembershipLog.NotJoined(log, gateway, answer.Reason);
        }

        _lastReason = answer.Reason;
        // A gateway that did not answer may watch on: the watch itself tells.
        if (answer.Joined is not null)
        {
            _name = name;
        }
    }

    // From half to the whole.
    private static TimeSpan Jittered(TimeSpan pause) => pause * (0.5 + (RandomNumberGenerator.GetInt32(501) / 1000.0));
}
