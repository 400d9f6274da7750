using System.Net;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>What became of one request of the <see cref="SoakTraffic"/>.</summary>
/// <param name="Gateway">Its number.</param>
/// <param name="FirstToken">How long it took; null: nothing was streamed.</param>
/// <param name="IsStuck">Nothing came for as long as an HTTP client waits.</param>
internal sealed record SoakAnswer(
    SoakRequest Request, int Gateway, ChatAnswer Answer, DateTimeOffset Asked, DateTimeOffset Ended, TimeSpan? FirstToken, bool IsStuck)
{
    public bool IsServed => Answer.Completed || Answer.HungUp;

    /// <summary>Told to come back later, by a limit of its account.</summary>
    public bool IsLimited => Answer.Status == HttpStatusCode.TooManyRequests;

    public bool HasFailed => !IsServed && !IsLimited;
}
