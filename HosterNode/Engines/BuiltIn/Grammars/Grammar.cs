namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

/// <summary>What a text may be. Every node knows how long its shortest text is.</summary>
internal sealed class Grammar
{
    public Grammar(GrammarNode root)
    {
        Root = root;
        var nodes = PartsFirst(root);
        while (MeasureAll(nodes))
        {
            // Rules that contain themselves need another round.
        }
    }

    public GrammarNode Root { get; }

    /// <summary>No text matches.</summary>
    public bool IsEmpty => Root.Least >= GrammarNode.Never;

    private static bool MeasureAll(List<GrammarNode> nodes)
    {
        var changes = false;
        foreach (var node in nodes)
        {
            changes |= node.Measure();
        }

        return changes;
    }

    // Not recursive: an object of many properties is a long chain.
    private static List<GrammarNode> PartsFirst(GrammarNode root)
    {
        var order = new List<GrammarNode>();
        var seen = new HashSet<GrammarNode>();
        var open = new Stack<(GrammarNode Node, bool PartsAreDone)>([(root, false)]);
        while (open.TryPop(out var next))
        {
            if (next.PartsAreDone)
            {
                order.Add(next.Node);
            }
            else if (seen.Add(next.Node))
            {
                open.Push((next.Node, true));
                foreach (var part in next.Node.Parts)
                {
                    open.Push((part, false));
                }
            }
        }

        return order;
    }
}
