namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

/// <summary>
/// The states of a grammar, made as a text reaches them and kept: within a string or a number most symbols lead to a state that is
/// known. All ways to go on are followed side by side, so a text is never wrong because an earlier choice was. For one choice; not for
/// several threads.
/// </summary>
internal sealed class GrammarStates
{
    // A state of a counted string for each of its characters: what is no longer needed goes at some point.
    private const int MostStates = 8192;

    // Alternatives that begin alike are followed together; a schema that multiplies them has no sensible use.
    private const int MostStacks = 2048;

    private readonly GrammarNode _root;
    private readonly Dictionary<(GrammarNode Node, int At, GrammarStack? Below), GrammarStack> _stacks = [];
    private readonly Dictionary<int[], GrammarState> _states = new(new SameIds());
    private readonly SortedDictionary<int, GrammarStack> _found = [];
    private readonly HashSet<(Reference, GrammarStack?)> _entered = [];
    private bool _accepts;
    private int _made;

    public GrammarStates(Grammar grammar)
    {
        _root = grammar.Root;
        Enter(_root, null);
        Start = TakeFound();
    }

    public GrammarState Start { get; }

    /// <summary>The state after one more symbol; <see cref="GrammarState.Dead"/> when no text goes on so.</summary>
    public GrammarState After(GrammarState state, int symbol)
    {
        if (state == GrammarState.Dead)
        {
            return state;
        }

        state.Next ??= new GrammarState?[SymbolSet.Size];
        return state.Next[symbol] ??= Advance(state, symbol);
    }

    private GrammarState Advance(GrammarState state, int symbol)
    {
        foreach (var stack in state.Stacks)
        {
            if (stack.Node is OneOf set && set.Symbols.Contains(symbol))
            {
                Leave(stack.Below);
            }
            else if (stack.Node is Literal literal && literal.Bytes[stack.At] == symbol)
            {
                if (stack.At + 1 < literal.Bytes.Length)
                {
                    Found(literal, stack.At + 1, stack.Below);
                }
                else
                {
                    Leave(stack.Below);
                }
            }
        }

        return TakeFound();
    }

    /// <summary>Finds what a text can begin with that matches the node, and then goes on with what is below.</summary>
    private void Enter(GrammarNode node, GrammarStack? below)
    {
        if (node.Least >= GrammarNode.Never)
        {
            // A way in without a way out.
            return;
        }

        switch (node)
        {
            case Literal or OneOf:
                Found(node, 0, below);
                break;
            case Sequence sequence:
                EnterItem(sequence, 0, below);
                break;
            case Repeat repeat:
                EnterAgain(repeat, 0, below);
                break;
            case Choice choice:
                foreach (var option in choice.Options)
                {
                    Enter(option, below);
                }

                break;
            case Reference reference when _entered.Add((reference, below)):
                Enter(reference.Target!, below);
                break;
            default:
                // A rule that is its own first option adds nothing the second time.
                break;
        }
    }

    /// <summary>A node is over: what follows it.</summary>
    private void Leave(GrammarStack? below)
    {
        switch (below?.Node)
        {
            case Sequence sequence:
                EnterItem(sequence, below.At, below.Below);
                break;
            case Repeat repeat:
                EnterAgain(repeat, below.At, below.Below);
                break;
            default:
                _accepts = true;
                break;
        }
    }

    private void EnterItem(Sequence sequence, int item, GrammarStack? below)
    {
        if (item == sequence.Items.Count)
        {
            Leave(below);
            return;
        }

        // After the last item comes what comes after the sequence: lists that go on by themselves need no deeper stack.
        var after = item + 1 == sequence.Items.Count ? below : Push(sequence, item + 1, below);
        Enter(sequence.Items[item], after);
    }

    private void EnterAgain(Repeat repeat, int times, GrammarStack? below)
    {
        if (times >= repeat.LeastTimes)
        {
            Leave(below);
        }

        if (times < repeat.MostTimes)
        {
            Enter(repeat.Item, Push(repeat, repeat.After(times), below));
        }
    }

    private void Found(GrammarNode node, int at, GrammarStack? below)
    {
        var stack = Push(node, at, below);
        _found[stack.Id] = stack;
        if (_found.Count > MostStacks)
        {
            throw new GrammarException("has too many alternatives that begin alike");
        }
    }

    private GrammarStack Push(GrammarNode node, int at, GrammarStack? below)
    {
        if (!_stacks.TryGetValue((node, at, below), out var stack))
        {
            _stacks[(node, at, below)] = stack = new GrammarStack(_made++, node, at, below);
        }

        return stack;
    }

    private GrammarState TakeFound()
    {
        int[] ids = [_accepts ? 1 : 0, .. _found.Keys];
        if (!_states.TryGetValue(ids, out var state))
        {
            state = _accepts || _found.Count > 0 ? new GrammarState([.. _found.Values], _accepts) : GrammarState.Dead;
            if (_states.Count >= MostStates)
            {
                // The text's own state and those after it stay, as long as it stands there.
                _states.Clear();
                _stacks.Clear();
            }

            _states[ids] = state;
        }

        _found.Clear();
        _entered.Clear();
        _accepts = false;
        return state;
    }

    private sealed class SameIds : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? left, int[]? right) => left.AsSpan().SequenceEqual(right);

        public int GetHashCode(int[] ids)
        {
            var hash = default(HashCode);
            foreach (var id in ids)
            {
                hash.Add(id);
            }

            return hash.ToHashCode();
        }
    }
}
