namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

/// <summary>The tokens that may stand at one state, in order of their ids.</summary>
/// <param name="Tokens">Their ids.</param>
/// <param name="Least">For each: symbols of the shortest way from there to the end.</param>
internal sealed record TokenMask(int[] Tokens, int[] Least)
{
    /// <summary>The longest of the shortest ways.</summary>
    public int MostLeast { get; } = Least.Length == 0 ? 0 : Least.Max();
}
