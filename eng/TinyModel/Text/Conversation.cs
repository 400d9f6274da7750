namespace ComputeShare.TinyModel.Text;

/// <summary>What the model learns from: turns, of which it is to learn the assistant's.</summary>
internal sealed record Conversation(IReadOnlyList<Turn> Turns);

/// <param name="Role">system, user, assistant or tool; <see cref="Plain"/> for text without a turn around it.</param>
/// <param name="Text">What is said.</param>
/// <param name="Calls">The tool calls after it, as JSON.</param>
internal sealed record Turn(string Role, string Text, params IReadOnlyList<string> Calls)
{
    public const string Plain = "";

    public bool IsLearned => Role is "assistant" or Plain;
}

/// <summary>A question and its answer.</summary>
internal readonly record struct Exchange(string Question, string Answer)
{
    public IEnumerable<Turn> Turns => [new("user", Question), new("assistant", Answer)];
}
