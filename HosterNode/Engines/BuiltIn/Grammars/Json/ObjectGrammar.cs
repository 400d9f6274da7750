namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>Objects: their properties in the schema's order, those that need not be there or not, and then others.</summary>
internal static class ObjectGrammar
{
    /// <param name="properties">The named ones.</param>
    /// <param name="other">Key, colon and value of another one; null when there may be none.</param>
    public static GrammarNode Of(IReadOnlyList<(string Name, GrammarNode Value, bool IsRequired)> properties, GrammarNode? other)
    {
        // What may follow before the first property and after another one, from the last place to the first.
        GrammarNode first = other is null
            ? JsonParts.Text("}")
            : new Choice(JsonParts.Text("}"), new Sequence(other, Others(other)));
        GrammarNode later = other is null ? JsonParts.Text("}") : Others(other);
        foreach (var (name, value, isRequired) in properties.Reverse())
        {
            var key = JsonLiteral.Of(name);
            var here = new Sequence(new Literal([.. key, (byte)':']), value, later);
            var next = new Sequence(new Literal([(byte)',', .. key, (byte)':']), value, later);
            first = isRequired ? here : new Choice(here, first);
            later = isRequired ? next : new Choice(next, later);
        }

        return new Sequence(JsonParts.Text("{"), first);
    }

    private static Sequence Others(GrammarNode other) =>
        new(new Repeat(new Sequence(JsonParts.Text(","), other), 0, int.MaxValue), JsonParts.Text("}"));
}
