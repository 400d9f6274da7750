using System.Security.Cryptography;
using ComputeShare.Scheduler.Affinity;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Sharing;

/// <summary>
/// What this Scheduler sees: known here at once, and to the others with the next batch. A moment that has more than a batch takes keeps the
/// rest to itself: all of it is only advice. Safe for all threads.
/// </summary>
internal sealed class Observations(Measurements measurements, PrefixTable prefixes, NodeRegistry registry)
{
    private const int MostInABatch = 256;

    private readonly Lock _lock = new();
    private readonly string _origin = RandomNumberGenerator.GetHexString(16);
    private List<AttemptSample> _samples = [];
    private List<PromptPlaced> _prompts = [];

    public void Add(AttemptSample sample)
    {
        measurements.Add(sample, registry.Now);
        lock (_lock)
        {
            if (_samples.Count < MostInABatch)
            {
                _samples.Add(sample);
            }
        }
    }

    public void Add(ulong[] prompt, string nodeId)
    {
        if (prompt.Length == 0 || prefixes.Add(prompt, nodeId, registry.Now) is not { Length: > 0 } news)
        {
            return;
        }

        lock (_lock)
        {
            if (_prompts.Count < MostInABatch)
            {
                _prompts.Add(new PromptPlaced(nodeId, news));
            }
        }
    }

    /// <summary>What is to be told; null when there is nothing.</summary>
    public ObservationBatch? Take()
    {
        lock (_lock)
        {
            if (_samples.Count + _prompts.Count == 0)
            {
                return null;
            }

            var batch = new ObservationBatch(_origin, _samples, _prompts);
            (_samples, _prompts) = ([], []);
            return batch;
        }
    }

    /// <summary>Takes over what another Scheduler saw.</summary>
    /// <param name="age">How long ago.</param>
    public void Hear(ObservationBatch batch, TimeSpan age)
    {
        if (batch.Origin == _origin)
        {
            return;
        }

        var then = registry.Now - age;
        foreach (var sample in batch.Samples)
        {
            measurements.Add(sample, then);
        }

        foreach (var prompt in batch.Prompts)
        {
            prefixes.Add(prompt.Prefixes, prompt.Node, then);
        }
    }
}
