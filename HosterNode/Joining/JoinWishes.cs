namespace ComputeShare.HosterNode.Joining;

/// <summary>What was said on the command line; null, or empty, is not said.</summary>
internal sealed record JoinWishes
{
    public Uri? Gateway { get; init; }

    public string? Key { get; init; }

    public string? Id { get; init; }

    /// <summary>An address, or <see cref="BuiltIn"/>.</summary>
    public string? Engine { get; init; }

    public string? EngineKey { get; init; }

    public int? ContextLength { get; init; }

    public IReadOnlyList<string> Models { get; init; } = [];

    public long? Input { get; init; }

    public long? CachedInput { get; init; }

    public long? Output { get; init; }

    public int? Slots { get; init; }

    public bool? OwnerFirst { get; init; }

    public bool AllowUnencrypted { get; init; }

    /// <summary>A PEM file of those who vouch for the gateway.</summary>
    public string? TrustedCertificates { get; init; }

    /// <summary>The name of the engine inside the node, for a try without any.</summary>
    public const string BuiltIn = "built-in";

    /// <summary>Nothing that the last offer would not hold for.</summary>
    public bool IsEmpty => this == new JoinWishes { Models = Models } && Models.Count == 0;

    // A record's generated text would print the keys.
    public override string ToString() => nameof(JoinWishes);
}
