namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>The parts of a tool call's text; prompts, grammars and what reads the answer use the same.</summary>
internal static class CallText
{
    public const string BeforeName = "{\"name\":\"";
    public const string AfterName = "\",\"arguments\":";
    public const string End = "}";

    /// <summary>Parts the calls of a model that has no control token for them.</summary>
    public const string Between = "\n";
}
