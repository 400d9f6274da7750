namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>Arrays: the first items by their place, then others.</summary>
internal static class ArrayGrammar
{
    /// <param name="first">Items that have a place.</param>
    /// <param name="other">Those after them; null when there may be none.</param>
    /// <param name="least">How many items there are at least.</param>
    /// <param name="most">And at most; <see cref="int.MaxValue"/> has no bound.</param>
    public static GrammarNode Of(IReadOnlyList<GrammarNode> first, GrammarNode? other, int least, int most)
    {
        var rest = Others(first.Count, other, least, most);
        for (var i = first.Count - 1; i >= 0; i--)
        {
            var options = new List<GrammarNode>();
            if (i >= least)
            {
                options.Add(JsonParts.Text("]"));
            }

            if (i < most)
            {
                options.Add(i == 0 ? new Sequence(first[i], rest) : new Sequence(JsonParts.Text(","), first[i], rest));
            }

            rest = new Choice([.. options]);
        }

        return new Sequence(JsonParts.Text("["), rest);
    }

    private static GrammarNode Others(int before, GrammarNode? other, int least, int most)
    {
        var end = JsonParts.Text("]");
        // Nothing matches an item that may not be there.
        other ??= new Choice();
        least = Math.Max(0, least - before);
        most = most == int.MaxValue ? most : most - before;
        if (before > 0)
        {
            return most < 0 ? end : new Sequence(new Repeat(new Sequence(JsonParts.Text(","), other), least, most), end);
        }

        var more = new Repeat(new Sequence(JsonParts.Text(","), other), Math.Max(0, least - 1), most == int.MaxValue ? most : most - 1);
        var some = most == 0 ? [] : (GrammarNode[])[new Sequence(other, more, end)];
        return new Choice(least == 0 ? [end, .. some] : some);
    }
}
