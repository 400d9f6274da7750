namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

/// <summary>
/// One way to go on: the node in which the text stands, how far it is there, and what comes after it. Equal stacks are one object, made
/// by <see cref="GrammarStates"/>.
/// </summary>
internal sealed class GrammarStack(int id, GrammarNode node, int at, GrammarStack? below)
{
    public int Id => id;

    public GrammarNode Node => node;

    public int At => at;

    public GrammarStack? Below => below;

    /// <summary>Symbols of the shortest way to the end.</summary>
    public int Least { get; } = Math.Min(GrammarNode.Never, node.LeastFrom(at) + (below?.Least ?? 0));

    public int Depth { get; } = 1 + (below?.Depth ?? 0);
}

/// <summary>Where a text stands: every way in which it can go on, and whether it may end.</summary>
internal sealed class GrammarState(GrammarStack[] stacks, bool isAccepting)
{
    public static GrammarState Dead { get; } = new([], isAccepting: false);

    public IReadOnlyList<GrammarStack> Stacks => stacks;

    /// <summary>The text may end here.</summary>
    public bool IsAccepting => isAccepting;

    /// <summary>The text may end here, and do nothing else.</summary>
    public bool IsOver => isAccepting && stacks.Length == 0;

    /// <summary>Symbols of the shortest way to the end.</summary>
    public int Least { get; } = isAccepting || stacks.Length == 0 ? 0 : stacks.Min(stack => stack.Least);

    public int Depth { get; } = stacks.Length == 0 ? 0 : stacks.Max(stack => stack.Depth);

    /// <summary>What is known of the states after each symbol.</summary>
    public GrammarState?[]? Next { get; set; }

    public TokenMask? Mask { get; set; }
}
