namespace ComputeShare.Gateway.Probes;

/// <summary>Whom a probe is for, and whose it seems to be.</summary>
/// <param name="NodeId">Served there or nowhere; empty: wherever it is placed.</param>
/// <param name="Persona">
/// What caches and prefixes are kept apart by, in place of the account: a node tells accounts apart by their cache salt, and one salt for all
/// probes would be their mark.
/// </param>
internal sealed record ProbeAim(string NodeId, string Persona);
