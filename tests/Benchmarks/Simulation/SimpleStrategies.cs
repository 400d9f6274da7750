namespace ComputeShare.Benchmarks.Simulation;

/// <summary>Any node with room, each slot as likely as another.</summary>
internal sealed class RandomStrategy(SimulatedNode[] nodes) : RoomStrategy(nodes)
{
    private readonly Random _random = new(3);

    public override string Name => "random";

    public override SimulatedNode? Choose(in SimulatedRequest request, IReadOnlyList<SimulatedNode> tried)
    {
        var lists = WithRoom(request.Model).ToArray();
        var count = lists.Sum(list => list.Count);
        // Few were tried of many: this ends soon, and gives up where they are all there is.
        for (var draws = 0; draws < 20 && count > 0; draws++)
        {
            var at = _random.Next(count);
            var list = 0;
            while (at >= lists[list].Count)
            {
                at -= lists[list++].Count;
            }

            if (!tried.Contains(lists[list][at]))
            {
                return lists[list][at];
            }
        }

        return null;
    }
}

/// <summary>One node after the other, past those without room.</summary>
internal sealed class RoundRobinStrategy(SimulatedNode[] nodes) : RoomStrategy(nodes)
{
    private readonly SimulatedNode[][] _nodes = [.. SimulatedMarket.Popularity.Index().Select(model => nodes.Where(node => node.Model == model.Index).ToArray())];
    private readonly int[] _next = new int[SimulatedMarket.Popularity.Length];

    public override string Name => "round-robin";

    public override SimulatedNode? Choose(in SimulatedRequest request, IReadOnlyList<SimulatedNode> tried)
    {
        var ofModel = _nodes[request.Model];
        for (var i = 0; i < ofModel.Length; i++)
        {
            var node = ofModel[_next[request.Model]];
            _next[request.Model] = (_next[request.Model] + 1) % ofModel.Length;
            if (node.HasRoom && !tried.Contains(node))
            {
                return node;
            }
        }

        return null;
    }
}

/// <summary>One of the emptiest.</summary>
internal sealed class LeastLoadedStrategy(SimulatedNode[] nodes) : RoomStrategy(nodes)
{
    private readonly Random _random = new(4);

    public override string Name => "least-loaded";

    public override SimulatedNode? Choose(in SimulatedRequest request, IReadOnlyList<SimulatedNode> tried)
    {
        foreach (var equals in WithRoom(request.Model))
        {
            for (var draws = 0; draws < 20; draws++)
            {
                var node = equals[_random.Next(equals.Count)];
                if (!tried.Contains(node))
                {
                    return node;
                }
            }
        }

        return null;
    }
}
