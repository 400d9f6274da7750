using System.Text.Json;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>
/// Tool calls as the model writes them: <c>{"name":"…","arguments":{…}}</c>, each after its control token, or on a line of its own where
/// the model has none.
/// </summary>
internal static class CallGrammar
{
    public static GrammarNode Of(IReadOnlyList<Tool> tools, int most, bool isMarked)
    {
        var calls = tools.Select(tool => new Sequence(JsonParts.Text($"{tool.Name}{CallText.AfterName}"), Arguments(tool))).ToArray();
        var call = new Sequence(JsonParts.Text(CallText.BeforeName), new Choice(calls), JsonParts.Text(CallText.End));
        return isMarked
            ? new Repeat(new Sequence(new OneOf(SymbolSet.Of(SymbolSet.ToolCall)), call), 1, most)
            : new Sequence(call, new Repeat(new Sequence(JsonParts.Text(CallText.Between), call), 0, most - 1));
    }

    // Arguments are an object, whatever else the schema would take.
    private static GrammarNode Arguments(Tool tool) => tool.Parameters switch
    {
        null => JsonParts.Text("{}"),
        { ValueKind: JsonValueKind.Object } open when !open.EnumerateObject().Any() => SchemaGrammar.AnyObject(),
        { } schema when SchemaGrammar.Of(schema) is var node && BeginsWithBraceOnly(node) => node,
        _ => throw new GrammarException("has parameters that are not of type object"),
    };

    private static bool BeginsWithBraceOnly(GrammarNode node)
    {
        var states = new GrammarStates(new Grammar(node));
        return Enumerable.Range(0, SymbolSet.Size).All(symbol => symbol == '{' || states.After(states.Start, symbol) == GrammarState.Dead);
    }
}
