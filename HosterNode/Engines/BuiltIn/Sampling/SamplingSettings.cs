namespace ComputeShare.HosterNode.Engines.BuiltIn.Sampling;

/// <param name="Temperature">0 takes the likeliest token.</param>
/// <param name="TopP">Keeps the likeliest tokens that together have this probability.</param>
/// <param name="TopK">Keeps this many; 0 keeps all.</param>
/// <param name="MinP">Drops tokens below this share of the likeliest one's probability.</param>
/// <param name="PresencePenalty">Taken from the logit of every token that was generated before.</param>
/// <param name="FrequencyPenalty">The same, once for each time.</param>
/// <param name="LogitBias">Added to the logits of these tokens.</param>
/// <param name="Seed">Equal seeds choose equally.</param>
internal sealed record SamplingSettings(
    float Temperature,
    float TopP,
    int TopK,
    float MinP,
    float PresencePenalty,
    float FrequencyPenalty,
    IReadOnlyDictionary<int, float> LogitBias,
    ulong Seed);
