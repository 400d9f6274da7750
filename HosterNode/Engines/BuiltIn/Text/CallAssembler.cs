using System.Text;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn.Requests;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Text;

/// <summary>
/// Makes one choice's tool calls into deltas: each call's id and name first, then its arguments as they come. The grammar has seen to
/// it that the tokens are calls. What only parts one call's name from its arguments is shown to nobody.
/// </summary>
internal sealed class CallAssembler(int choice, int firstPosition, Func<int, string> idOf) : ITokenDeltas
{
    private readonly List<byte> _name = [];
    private readonly List<byte> _arguments = [];
    private Delta _next = new() { ChoiceIndex = (uint)choice, Position = (uint)firstPosition };
    private Place _place = Place.BeforeName;
    private int _passed;
    private int _call;
    private int _depth;
    private bool _isInString;
    private bool _isEscaped;

    private enum Place
    {
        BeforeName,
        Name,
        AfterName,
        Arguments,
        End,
    }

    public bool IsStopped => false;

    public Delta? Add(int token, ReadOnlySpan<byte> bytes, TokenLogprob? logprob)
    {
        _next.TokenCount++;
        _next.TokenIds.Add((uint)token);
        Read(bytes);
        // A character that is not complete comes with its last token.
        return _next.ToolCalls.Count > 0 && _arguments.Count == 0 ? Take() : null;
    }

    public Delta? Complete() => _next.TokenCount > 0 ? Take() : null;

    /// <summary>Reads a token that was shown elsewhere.</summary>
    public void Pass(ReadOnlySpan<byte> bytes)
    {
        Read(bytes);
        _next.ToolCalls.Clear();
        _arguments.Clear();
    }

    private Delta Take()
    {
        var ready = _next;
        _next = new Delta { ChoiceIndex = (uint)choice, Position = ready.Position + ready.TokenCount };
        return ready;
    }

    private void Read(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            Read(value);
        }

        FlushArguments();
    }

    private void Read(byte value)
    {
        switch (_place)
        {
            case Place.BeforeName when value == '\n':
                break;
            case Place.BeforeName:
                Pass(CallText.BeforeName, Place.Name);
                break;
            case Place.Name when value == '"':
                _next.ToolCalls.Add(new ToolCallDelta { Index = (uint)_call, Id = idOf(_call), Name = Encoding.UTF8.GetString([.. _name]) });
                _name.Clear();
                _place = Place.AfterName;
                _passed = 1;
                break;
            case Place.Name:
                _name.Add(value);
                break;
            case Place.AfterName:
                Pass(CallText.AfterName, Place.Arguments);
                break;
            case Place.Arguments:
                _arguments.Add(value);
                Nest(value);
                break;
            default:
                _call++;
                _place = Place.BeforeName;
                break;
        }
    }

    private void Pass(string expected, Place next)
    {
        if (++_passed == expected.Length)
        {
            _passed = 0;
            _place = next;
        }
    }

    /// <summary>Arguments are an object: they end with the brace that closes it.</summary>
    private void Nest(byte value)
    {
        if (_isInString)
        {
            _isInString = _isEscaped || value != '"';
            _isEscaped = !_isEscaped && value == '\\';
            return;
        }

        _isInString = value == '"';
        _depth += value is (byte)'{' or (byte)'[' ? 1 : value is (byte)'}' or (byte)']' ? -1 : 0;
        if (_depth == 0)
        {
            FlushArguments();
            _place = Place.End;
        }
    }

    private void FlushArguments()
    {
        var state = default(Utf8State);
        if (_arguments.Count > 0 && state.TryAdvance([.. _arguments], out state) && state.IsWhole)
        {
            _next.ToolCalls.Add(new ToolCallDelta { Index = (uint)_call, Arguments = Encoding.UTF8.GetString([.. _arguments]) });
            _arguments.Clear();
        }
    }
}
