namespace ComputeShare.Benchmarks.Simulation;

/// <summary>One request as it will be asked, whoever serves it.</summary>
/// <param name="Turn">1 opens the conversation; later ones repeat all that was said before.</param>
internal readonly record struct SimulatedRequest(double At, int Model, int Conversation, int Turn, int PromptTokens, int CompletionTokens);
