namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

/// <summary>
/// A schema or grammar that this engine cannot follow. The message ends a sentence that begins with the field's name; nothing of the
/// caller's is in it but names of keywords.
/// </summary>
/// <param name="reason">Such as <c>uses the keyword not</c>.</param>
/// <param name="isWrong">No engine could follow it.</param>
internal sealed class GrammarException(string reason, bool isWrong = false) : Exception(reason)
{
    public EngineException ToEngineException(string param) => isWrong
        ? EngineException.Invalid($"{param} {Message}.", param)
        : EngineException.Unsupported($"{param} {Message}, which this model's engine does not follow.", param);
}
