using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Streaming;

/// <summary>One choice's tool calls as they come from a node: each begins once, in order, with a name, and gets an id (WIRE 39, 40).</summary>
/// <param name="idStem">Of the ids that the gateway makes where the node gives none, or none that is fit to be seen.</param>
internal sealed class ToolCalls(string idStem)
{
    private const int MostCalls = 128;
    private const int MostNameCharacters = 256;
    private const int MostIdCharacters = 64;

    private int _begun;

    public bool IsEmpty => _begun == 0;

    /// <returns>Null: a call without a beginning, or one that no client could take.</returns>
    public ToolCallPiece? Read(ToolCallDelta delta)
    {
        if (delta.Index < _begun)
        {
            // A name or id that is said again says nothing new.
            return new ToolCallPiece((int)delta.Index, null, null, delta.Arguments);
        }

        if (delta.Index > _begun || _begun == MostCalls || delta.Name.Length is 0 or > MostNameCharacters)
        {
            return null;
        }

        _begun++;
        return new ToolCallPiece((int)delta.Index, IsFit(delta.Id) ? delta.Id : $"call_{idStem}_{delta.Index}", delta.Name, delta.Arguments);
    }

    private static bool IsFit(string id) => id.Length is > 0 and <= MostIdCharacters && id.All(character => character is > ' ' and < '\u007f');
}

/// <summary>A fragment of a tool call; id and name where the call begins.</summary>
internal readonly record struct ToolCallPiece(int Index, string? Id, string? Name, string Arguments)
{
    // Arguments are a completion: they stay out of logs and messages.
    public override string ToString() => $"piece of call {Index}";
}
