namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

/// <summary>
/// Follows one choice's tokens through its grammar and says which may come next. Each step leaves a way to the end that fits the tokens
/// that are left: a byte is a token, so a way of n bytes needs at most n of them. Not for several threads.
/// </summary>
internal sealed class GrammarMatcher(Grammar grammar, Vocabulary vocabulary)
{
    // Parsers give up at 64 levels of nesting, which is at least so many stacked nodes: from here on the text gets shorter.
    private const int MostDepth = 56;

    private readonly GrammarStates _states = new(grammar);
    private int[] _few = [];
    private GrammarState? _state;

    /// <summary>The text may end here.</summary>
    public bool IsComplete => State.IsAccepting;

    /// <summary>The text may end here, and do nothing else.</summary>
    public bool IsOver => State.IsOver;

    private GrammarState State => _state ??= _states.Start;

    /// <summary>False, and nothing changes, when the token may not stand here.</summary>
    public bool TryAccept(int token)
    {
        var next = vocabulary.After(_states, State, token);
        if (next == GrammarState.Dead)
        {
            return false;
        }

        _state = next;
        return true;
    }

    /// <summary>The tokens that may stand here, in order of their ids: at least one. Valid until the next call.</summary>
    /// <param name="left">How many tokens there may still be, this one included.</param>
    public ReadOnlySpan<int> Allowed(int left)
    {
        var mask = State.Mask ??= vocabulary.MaskOf(_states, State);
        var mostLeast = State.Depth < MostDepth ? left - 1 : Math.Min(left - 1, State.Least - 1);
        if (mask.MostLeast <= mostLeast)
        {
            return mask.Tokens;
        }

        var few = Take(mask, mostLeast);
        // Too few tokens for any end: as near to it as they lead.
        return few.IsEmpty ? Take(mask, mask.Least.Min()) : few;
    }

    private ReadOnlySpan<int> Take(TokenMask mask, int mostLeast)
    {
        if (_few.Length < mask.Tokens.Length)
        {
            _few = new int[mask.Tokens.Length];
        }

        var count = 0;
        for (var i = 0; i < mask.Tokens.Length; i++)
        {
            if (mask.Least[i] <= mostLeast)
            {
                _few[count++] = mask.Tokens[i];
            }
        }

        return _few.AsSpan(0, count);
    }
}
