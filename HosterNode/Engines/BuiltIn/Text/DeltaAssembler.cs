using System.Text;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Text;

/// <summary>
/// Makes one choice's tokens into deltas. A token is held while its last character is incomplete or its text may be the beginning of a
/// stop string, so a delta never has half a character and no stop string is ever shown.
/// </summary>
internal sealed class DeltaAssembler(int choice, int firstPosition, IReadOnlyList<string> stops) : ITokenDeltas
{
    private readonly StopStrings _stops = new(stops);
    private readonly List<HeldToken> _held = [];
    private readonly List<byte> _openCharacter = [];
    private string _heldText = "";
    private int _position = firstPosition;

    /// <summary>A stop string was found: the choice is over.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes the next token; returns what can be shown now.</summary>
    public Delta? Add(int token, ReadOnlySpan<byte> bytes, TokenLogprob? logprob)
    {
        _openCharacter.AddRange(bytes);
        var whole = WholeCharacters();
        _heldText += Encoding.UTF8.GetString([.. _openCharacter.Take(whole)]);
        _openCharacter.RemoveRange(0, whole);
        // A token whose character is still open ends where the character's last token will: nowhere yet.
        _held.Add(new(token, _openCharacter.Count == 0 ? _heldText.Length : int.MaxValue, logprob));
        if (_openCharacter.Count == 0)
        {
            CloseOpenTokens();
        }

        if (_stops.Find(_heldText) is var stop and >= 0)
        {
            IsStopped = true;
            return Release(_held.Count, stop);
        }

        var safe = _stops.SafeLength(_heldText);
        var count = _held.FindLastIndex(held => held.End <= safe) + 1;
        return count == 0 ? null : Release(count, _held[count - 1].End);
    }

    /// <summary>
    /// The choice ended: what was held for a stop string that did not come. Bytes of a character that stayed incomplete are dropped.
    /// </summary>
    public Delta? Complete() => _held.Count == 0 ? null : Release(_held.Count, _heldText.Length);

    private int WholeCharacters()
    {
        var state = default(Utf8State);
        var whole = 0;
        for (var i = 0; i < _openCharacter.Count; i++)
        {
            if (!state.TryAdvance([_openCharacter[i]], out state))
            {
                throw new InvalidOperationException("The sampler let bytes through that are not UTF-8.");
            }

            whole = state.IsWhole ? i + 1 : whole;
        }

        return whole;
    }

    private void CloseOpenTokens()
    {
        for (var i = _held.Count - 1; i >= 0 && _held[i].End == int.MaxValue; i--)
        {
            _held[i] = _held[i] with { End = _heldText.Length };
        }
    }

    private Delta Release(int count, int characters)
    {
        var delta = new Delta
        {
            ChoiceIndex = (uint)choice,
            Position = (uint)_position,
            Text = _heldText[..characters],
            TokenCount = (uint)count,
        };
        foreach (var held in _held.Take(count))
        {
            delta.TokenIds.Add((uint)held.Token);
            if (held.Logprob is not null)
            {
                delta.Logprobs.Add(held.Logprob);
            }
        }

        _position += count;
        _held.RemoveRange(0, count);
        _heldText = _heldText[characters..];
        for (var i = 0; i < _held.Count; i++)
        {
            _held[i] = _held[i] with { End = _held[i].End == int.MaxValue ? int.MaxValue : _held[i].End - characters };
        }

        return delta;
    }

    /// <param name="Token">Its id.</param>
    /// <param name="End">Where its text ends in the held text.</param>
    /// <param name="Logprob">Its log-probability, where asked for.</param>
    private readonly record struct HeldToken(int Token, int End, TokenLogprob? Logprob);
}
