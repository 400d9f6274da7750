using System.Globalization;

namespace ComputeShare.Gateway.Probes;

/// <summary>Makes what a seeming user says. Never the same beginning twice, as long as it is remembered.</summary>
internal sealed class ProbePrompts
{
    private const int MostRemembered = 100_000;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);

    public static string Instruction() => Fill(Chance.Pick(ProbeWords.Systems));

    public static string FollowUp() => Fill(Chance.Pick(ProbeWords.FollowUps));

    /// <summary>What a model is asked for that is to write a beginning.</summary>
    public static string Commission() => Fill(Chance.Pick(ProbeWords.Commissions));

    public string Beginning()
    {
        while (true)
        {
            var prompt = Fill(Chance.Pick(ProbeWords.Openings) + Chance.Pick(ProbeWords.Asks) + Chance.Pick(ProbeWords.Endings));
            if (IsNew(prompt))
            {
                return prompt;
            }
        }
    }

    /// <summary>From now on it is not.</summary>
    public bool IsNew(string beginning)
    {
        lock (_lock)
        {
            if (_made.Count >= MostRemembered)
            {
                _made.Clear();
            }

            return _made.Add(beginning);
        }
    }

    private static string Fill(string pattern) => string.Format(
        CultureInfo.InvariantCulture,
        pattern,
        Chance.Pick(ProbeWords.Topics),
        Chance.Between(3, 90),
        Chance.Pick(ProbeWords.Topics),
        Chance.Pick(ProbeWords.Names));
}
