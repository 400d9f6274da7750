using ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>What the generated tokens may be.</summary>
/// <param name="Grammar">Of all of them.</param>
/// <param name="Calls">Whether they are tool calls.</param>
/// <param name="IsBounded">The text has an end of its own: one that the budget ends there is complete, not cut.</param>
/// <param name="Param">The request's field that asked for this.</param>
internal sealed record OutputForm(Grammar Grammar, CallForm Calls, bool IsBounded, string Param)
{
    public static OutputForm Text { get; } = new(Utf8Characters.AnyText, CallForm.None, IsBounded: false, "");
}

/// <summary>How tool calls are told from text.</summary>
internal enum CallForm
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>Each begins with the model's own control token.</summary>
    Marked,

    /// <summary>There is nothing else.</summary>
    Only,
}
