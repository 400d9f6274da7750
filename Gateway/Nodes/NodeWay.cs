namespace ComputeShare.Gateway.Nodes;

/// <summary>How calls get to a node.</summary>
/// <param name="Http">Over the one HTTP/2 connection to it, or through another gateway.</param>
/// <param name="Authority">What calls name as their host.</param>
/// <param name="Headers">What each call carries beside its own: that its caller may call, and through whom.</param>
internal sealed record NodeWay(HttpMessageInvoker Http, Uri Authority, params IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    public static KeyValuePair<string, string> Bearer(string secret) => new("authorization", "Bearer " + secret);

    // A record's generated text would print what the headers carry.
    public override string ToString() => Authority.ToString();
}
