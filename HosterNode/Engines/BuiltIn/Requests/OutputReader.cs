using System.Text.Json;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>
/// Reads what form a chat's answer must have: text, JSON of a schema, tool calls. With <c>tool_choice</c> <c>auto</c> a model that has a
/// control token for calls decides by its first token, which it picks as any other; one that has none calls a tool when the last message
/// is not a tool's answer. After a tool's answer both write text, so that a loop of calls comes to an end.
/// </summary>
internal static class OutputReader
{
    private const int MostCalls = 4;

    /// <param name="body">The chat.</param>
    /// <param name="tools">The tools that may be called.</param>
    /// <param name="isMarked">The model has a control token that begins a call.</param>
    public static OutputForm Read(RequestBody body, ToolChoice tools, bool isMarked)
    {
        var text = ReadFormat(body.ResponseFormat);
        var mayCall = tools.Tools.Count > 0 && (tools.MustCall || body.Messages is not [.., { Role: "tool" }]);
        if (!mayCall)
        {
            return text is null ? OutputForm.Text : new OutputForm(new Grammar(text), CallForm.None, IsBounded: true, "response_format");
        }

        var most = tools.MayCallSeveral && body.ParallelToolCalls != false ? MostCalls : 1;
        var calls = Follow("tools", () => CallGrammar.Of(tools.Tools, most, isMarked));
        return isMarked && !tools.MustCall
            ? new OutputForm(new Grammar(new Choice(calls, text ?? Utf8Characters.Text())), CallForm.Marked, text is not null, "tools")
            : new OutputForm(new Grammar(calls), isMarked ? CallForm.Marked : CallForm.Only, IsBounded: true, "tools");
    }

    /// <summary>The grammar that <c>response_format</c> asks for; null when any text will do.</summary>
    private static GrammarNode? ReadFormat(JsonElement format)
    {
        if (format.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return null;
        }

        return format.GetText("type") switch
        {
            "text" => null,
            "json_object" => SchemaGrammar.AnyObject(),
            "json_schema" => Follow("response_format", () => format.GetMember("json_schema").GetMember("schema") is { ValueKind: not JsonValueKind.Undefined } schema
                ? SchemaGrammar.Of(schema)
                : SchemaGrammar.AnyObject()),
            _ => throw EngineException.Unsupported("response_format is of a type that this model does not write.", "response_format"),
        };
    }

    private static GrammarNode Follow(string param, Func<GrammarNode> make)
    {
        try
        {
            return make();
        }
        catch (GrammarException error)
        {
            throw error.ToEngineException(param);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape.
            throw EngineException.Invalid($"{param} has text that is not Unicode.", param);
        }
    }
}
