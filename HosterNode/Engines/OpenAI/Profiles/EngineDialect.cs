namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>How the engine is spoken to: what it is, and which version, because they learn.</summary>
internal sealed record EngineDialect(EngineProfile Profile, string Version);
