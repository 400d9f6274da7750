using System.Text.Json;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>
/// One choice's tool calls, out of what engines stream: fragments by index, whole calls in one delta, all at index 0 or without one, ids
/// at each fragment or never, arguments that are null or no text but JSON. Calls come out numbered in the order in which they begin; each
/// begins with its name, and with its id where the engine gives one.
/// </summary>
internal sealed class ToolCallParts
{
    // More than any client takes; an engine that goes on is broken.
    private const int MostCalls = 128;

    private readonly List<Call> _calls = [];
    private readonly Dictionary<int, Call> _byIndex = [];
    private uint _named;

    /// <summary>The choice has called something.</summary>
    public bool Any => _calls.Count > 0;

    /// <summary>Takes the entries of a delta's <c>tool_calls</c>.</summary>
    /// <exception cref="EngineException">They make no sense.</exception>
    public void Add(JsonElement entries, ICollection<ToolCallDelta> output)
    {
        foreach (var entry in entries.Items())
        {
            if (!entry.IsObject())
            {
                throw EngineFailures.Malformed();
            }

            var function = entry.Get("function");
            var (id, name) = (entry.Get("id").Text(), function.Get("name").Text());
            var call = Find(entry.Get("index").Count(), id, name);
            Take(call, id, name, function.Get("arguments"), output);
        }
    }

    /// <summary>The choice is over: a call that was given no arguments has an object of none.</summary>
    /// <exception cref="EngineException">A call never got a name.</exception>
    public void Complete(ICollection<ToolCallDelta> output)
    {
        foreach (var call in _calls)
        {
            if (!call.IsNamed)
            {
                throw EngineFailures.Malformed();
            }

            if (!call.HasArguments)
            {
                call.HasArguments = true;
                output.Add(new ToolCallDelta { Index = call.Index, Arguments = "{}" });
            }
        }
    }

    private Call Find(int? index, string id, string name)
    {
        var known = index is { } at ? _byIndex.GetValueOrDefault(at)
            : id.Length > 0 ? _calls.Find(call => call.Id == id)
            : _calls.Count > 0 ? _calls[^1] : null;
        if (known is null || known.IsAnother(id, name))
        {
            known = Begin();
        }

        if (index is { } place)
        {
            _byIndex[place] = known;
        }

        return known;
    }

    private Call Begin()
    {
        if (_calls.Count == MostCalls)
        {
            throw EngineFailures.Malformed();
        }

        _calls.Add(new Call());
        return _calls[^1];
    }

    private void Take(Call call, string id, string name, JsonElement arguments, ICollection<ToolCallDelta> output)
    {
        call.Id = call.Id.Length == 0 ? id : call.Id;
        // Engines that have parsed the arguments already give them as JSON.
        var text = arguments.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? arguments.GetRawText() : call.Text.Add(arguments);
        var begins = !call.IsNamed && name.Length > 0;
        if (begins)
        {
            (call.IsNamed, call.Index) = (true, _named++);
        }

        if (!call.IsNamed)
        {
            call.Waiting += text;
            return;
        }

        text = call.Waiting + text;
        call.Waiting = "";
        call.HasArguments |= text.Length > 0;
        if (begins || text.Length > 0)
        {
            output.Add(new ToolCallDelta { Index = call.Index, Id = begins ? call.Id : "", Name = begins ? name : "", Arguments = text });
        }
    }

    private sealed class Call
    {
        /// <summary>Which of the named ones it is; a call without a name has not begun.</summary>
        public uint Index { get; set; }

        public string Id { get; set; } = "";

        public bool IsNamed { get; set; }

        public bool HasArguments { get; set; }

        /// <summary>Arguments that came before the name.</summary>
        public string Waiting { get; set; } = "";

        public WholeText Text { get; } = new();

        /// <summary>An entry at this call's place is not of it: it has another id, or begins anew.</summary>
        public bool IsAnother(string id, string name) => id.Length > 0 && Id.Length > 0
            ? id != Id
            : IsNamed && HasArguments && name.Length > 0 && id.Length == 0 && Id.Length == 0;
    }
}
