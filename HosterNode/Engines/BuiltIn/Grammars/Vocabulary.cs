using ComputeShare.Tokenizing.BytePairs;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

/// <summary>
/// A model's tokens as a grammar sees them: a tree of their symbols, laid out in the order in which it is walked. Every single byte is a
/// token, so whatever a grammar allows can be written. Read-only, shared by all slots.
/// </summary>
internal sealed class Vocabulary
{
    private readonly BpeTokenizer _tokenizer;
    private readonly TreeNode[] _tree;

    /// <param name="tokenizer">Knows the tokens' bytes.</param>
    /// <param name="ends">Tokens that say that the text is over.</param>
    /// <param name="toolCall">The control token that begins a tool call; null when the model has none.</param>
    public Vocabulary(BpeTokenizer tokenizer, IReadOnlyCollection<int> ends, int? toolCall)
    {
        _tokenizer = tokenizer;
        Ends = [.. ends.Order()];
        ToolCall = toolCall;
        var root = new Branch();
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            if (tokenizer.IsText(token))
            {
                root.Add(tokenizer.BytesOf(token), token);
            }
        }

        if (toolCall is { } control)
        {
            root.Children[SymbolSet.ToolCall] = new Branch { Token = control };
        }

        var tree = new List<TreeNode>();
        root.Write(tree, depth: 0);
        _tree = [.. tree];
    }

    public int[] Ends { get; }

    public int? ToolCall { get; }

    /// <summary>The state after a token; dead when it may not stand there.</summary>
    public GrammarState After(GrammarStates states, GrammarState state, int token)
    {
        if (token == ToolCall)
        {
            return states.After(state, SymbolSet.ToolCall);
        }

        if (!_tokenizer.IsText(token))
        {
            return GrammarState.Dead;
        }

        foreach (var symbol in _tokenizer.BytesOf(token))
        {
            state = states.After(state, symbol);
        }

        return state;
    }

    /// <summary>Finds every token that may stand at a state, in one walk that leaves each branch where the grammar does.</summary>
    public TokenMask MaskOf(GrammarStates states, GrammarState state)
    {
        var path = new GrammarState[Math.Max(1, _tokenizer.LongestToken) + 1];
        path[0] = state;
        var tokens = new List<int>();
        var least = new List<int>();
        for (var i = 0; i < _tree.Length;)
        {
            ref readonly var node = ref _tree[i];
            var next = states.After(path[node.Depth - 1], node.Symbol);
            if (next == GrammarState.Dead)
            {
                i = node.Skip;
                continue;
            }

            path[node.Depth] = next;
            if (node.Token >= 0)
            {
                tokens.Add(node.Token);
                least.Add(next.Least);
            }

            i++;
        }

        if (state.IsAccepting)
        {
            tokens.AddRange(Ends);
            least.AddRange(Ends.Select(_ => 0));
        }

        int[] ids = [.. tokens];
        int[] ways = [.. least];
        Array.Sort(ids, ways);
        return new TokenMask(ids, ways);
    }

    /// <param name="Symbol">Its symbol.</param>
    /// <param name="Depth">How many symbols lead here.</param>
    /// <param name="Skip">The first node that is not below this one.</param>
    /// <param name="Token">The token that ends here; -1 when none does.</param>
    private readonly record struct TreeNode(int Symbol, int Depth, int Skip, int Token);

    private sealed class Branch
    {
        public SortedDictionary<int, Branch> Children { get; } = [];

        public int Token { get; set; } = -1;

        public void Add(ReadOnlySpan<byte> bytes, int token)
        {
            var branch = this;
            foreach (var symbol in bytes)
            {
                if (!branch.Children.TryGetValue(symbol, out var child))
                {
                    branch.Children[symbol] = child = new Branch();
                }

                branch = child;
            }

            branch.Token = token;
        }

        public void Write(List<TreeNode> tree, int depth)
        {
            foreach (var (symbol, child) in Children)
            {
                var at = tree.Count;
                tree.Add(default);
                child.Write(tree, depth + 1);
                tree[at] = new TreeNode(symbol, depth + 1, tree.Count, child.Token);
            }
        }
    }
}
