namespace ComputeShare.Benchmarks.Simulation;

/// <summary>
/// Runs one strategy over all requests, event by event: waiting, failing over, streaming, all as the gateway does it, without a network.
/// </summary>
internal sealed class Simulator(SimulatedNode[] nodes, SimulatedRequest[] requests, IStrategy strategy, VirtualClock clock)
{
    private const int Attempts = 3;
    private const double QueueSeconds = 20;
    private const double FirstTokenDeadline = 60;
    private const double FailsAfterSeconds = 0.5;
    private const double TickSeconds = 0.25;

    // A stream's speed on a full node is this part of that on an idle one.
    private const double SpeedWhenFull = 0.6;

    private readonly PriorityQueue<Running, double> _ends = new();
    private readonly PriorityQueue<int, double> _laterTurns = new();
    private readonly double[] _arrivedAt = new double[requests.Length];
    private readonly Queue<(int Request, List<SimulatedNode> Tried)>[] _waiting = [.. SimulatedMarket.Popularity.Select(_ => new Queue<(int, List<SimulatedNode>)>())];
    private readonly SimulationCounts _counts = new(requests.Length);
    private readonly Random _random = new(6);
    private static readonly List<SimulatedNode> NoneTried = [];

    public SimulationResult Run()
    {
        var slots = nodes.Sum(node => node.Slots);
        var nextTick = 0.0;
        for (var next = 0; next < requests.Length || _laterTurns.Count > 0 || _ends.Count > 0;)
        {
            var opened = next < requests.Length ? requests[next].At : double.PositiveInfinity;
            var asked = _laterTurns.TryPeek(out _, out var turn) ? turn : double.PositiveInfinity;
            var end = _ends.TryPeek(out _, out var at) ? at : double.PositiveInfinity;
            clock.Seconds = Math.Max(clock.Seconds, Math.Min(Math.Min(opened, asked), end));
            for (; nextTick <= clock.Seconds; nextTick += TickSeconds)
            {
                strategy.Tick();
                if (next < requests.Length)
                {
                    _counts.Looks((double)_ends.Count / slots);
                }
            }

            if (end <= Math.Min(opened, asked))
            {
                End(_ends.Dequeue());
            }
            else if (asked <= opened)
            {
                Arrive(_laterTurns.Dequeue());
            }
            else
            {
                Arrive(next);
                while (requests[next++].GoesOn)
                {
                }
            }
        }

        _counts.Refused += _waiting.Sum(queue => queue.Count);
        return _counts.Result(strategy.Name, nodes);
    }

    private void Arrive(int request)
    {
        _arrivedAt[request] = clock.Seconds;
        Begin(request, NoneTried);
    }

    private void Begin(int request, List<SimulatedNode> tried)
    {
        // Whoever comes later does not overtake.
        if ((tried.Count == 0 && _waiting[requests[request].Model].Count > 0) || !TryPlace(request, tried))
        {
            _waiting[requests[request].Model].Enqueue((request, tried));
        }
    }

    private bool TryPlace(int number, List<SimulatedNode> tried)
    {
        ref readonly var request = ref requests[number];
        if (strategy.Choose(request, tried) is not { } node)
        {
            return false;
        }

        var load = (double)node.Busy / node.Slots;
        node.Busy++;
        strategy.Taken(request, node);
        var now = clock.Seconds;
        if (_random.NextDouble() < node.FailureRate)
        {
            var after = node.IsHalfDead ? FirstTokenDeadline : FailsAfterSeconds;
            _ends.Enqueue(new Running(number, node, now, tried, new AttemptEnd(true, node.IsHalfDead, 0, 0)), now + after);
            return true;
        }

        var holds = request.Turn > 1 && node.Holds(request.Conversation);
        var prefill = (request.PromptTokens - (holds ? request.SaidBefore : 0)) / node.PrefillPerSecond;
        var ttft = (node.LatencySeconds * (1 + load)) + prefill;
        var speed = node.TokensPerSecond * (1 - ((1 - SpeedWhenFull) * load));
        node.Hold(request.Conversation);
        _counts.Serves(request, node, holds, now - _arrivedAt[number] + ttft, speed);
        _ends.Enqueue(new Running(number, node, now, tried, new AttemptEnd(false, false, ttft, speed)), now + ttft + (request.CompletionTokens / speed));
        return true;
    }

    private void End(Running running)
    {
        var node = running.Node;
        node.Busy--;
        node.BusySlotSeconds += clock.Seconds - running.Since;
        strategy.Freed(node, running.End);
        if (!running.End.Failed)
        {
            if (requests[running.Request].GoesOn)
            {
                _laterTurns.Enqueue(running.Request + 1, clock.Seconds + requests[running.Request + 1].Pause);
            }
        }
        else
        {
            _counts.FailedAttempts++;
            List<SimulatedNode> tried = [.. running.Tried, node];
            if (tried.Count < Attempts)
            {
                Begin(running.Request, tried);
            }
            else
            {
                _counts.Failed++;
            }
        }

        ServeWaiting(_waiting[node.Model]);
    }

    private void ServeWaiting(Queue<(int Request, List<SimulatedNode> Tried)> queue)
    {
        while (queue.TryPeek(out var first))
        {
            if (first.Tried.Count == 0 && _arrivedAt[first.Request] + QueueSeconds < clock.Seconds)
            {
                _counts.Refused++;
            }
            else if (!TryPlace(first.Request, first.Tried))
            {
                return;
            }

            queue.Dequeue();
        }
    }

    private sealed record Running(int Request, SimulatedNode Node, double Since, List<SimulatedNode> Tried, AttemptEnd End);
}
