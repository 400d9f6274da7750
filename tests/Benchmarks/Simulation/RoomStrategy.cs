namespace ComputeShare.Benchmarks.Simulation;

/// <summary>Strategies that know of nodes only whether, or how much, room they have: nodes of each model by how full they are.</summary>
internal abstract class RoomStrategy : IStrategy
{
    // Whole for nodes of one, two and four slots.
    private const int Levels = 4;

    private readonly List<SimulatedNode>[][] _byLoad;
    private readonly int[] _places;

    protected RoomStrategy(SimulatedNode[] nodes)
    {
        _places = new int[nodes.Length];
        _byLoad = [.. SimulatedMarket.Popularity.Select(_ => Enumerable.Range(0, Levels + 1).Select(_ => new List<SimulatedNode>()).ToArray())];
        foreach (var node in nodes)
        {
            Add(node);
        }
    }

    public abstract string Name { get; }

    public abstract SimulatedNode? Choose(in SimulatedRequest request, IReadOnlyList<SimulatedNode> tried);

    public virtual void Taken(in SimulatedRequest request, SimulatedNode node) => Move(node, node.Busy - 1);

    public virtual void Freed(SimulatedNode node, AttemptEnd end) => Move(node, node.Busy + 1);

    public void Tick()
    {
    }

    /// <summary>Nodes of a model with room, the emptiest first; those of one list are equally full.</summary>
    protected IEnumerable<List<SimulatedNode>> WithRoom(int model) => _byLoad[model].Take(Levels).Where(list => list.Count > 0);

    private static int Level(SimulatedNode node, int busy) => busy * Levels / node.Slots;

    private void Move(SimulatedNode node, int busyBefore)
    {
        var list = _byLoad[node.Model][Level(node, busyBefore)];
        var (place, last) = (_places[node.Number], list[^1]);
        (list[place], _places[last.Number]) = (last, place);
        list.RemoveAt(list.Count - 1);
        Add(node);
    }

    private void Add(SimulatedNode node)
    {
        var list = _byLoad[node.Model][Level(node, node.Busy)];
        _places[node.Number] = list.Count;
        list.Add(node);
    }
}
