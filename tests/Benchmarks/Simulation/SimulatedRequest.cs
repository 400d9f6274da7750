namespace ComputeShare.Benchmarks.Simulation;

/// <summary>One request as it will be asked, whoever serves it.</summary>
/// <param name="At">When its conversation is opened, in seconds.</param>
/// <param name="Turn">1 opens the conversation; later ones repeat all that was said before.</param>
/// <param name="Pause">Seconds for which the last answer is read and thought about before this is asked.</param>
/// <param name="SaidBefore">Tokens of the prompt that are the last turn's prompt and its answer.</param>
/// <param name="GoesOn">The next request is the next turn.</param>
internal readonly record struct SimulatedRequest(
    double At, int Model, int Conversation, int Turn, double Pause, int SaidBefore, int PromptTokens, int CompletionTokens, bool GoesOn);
