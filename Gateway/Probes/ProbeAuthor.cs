using System.Text;

namespace ComputeShare.Gateway.Probes;

/// <summary>
/// Begins conversations that nobody has seen before. Half of them a trusted model writes, so that knowing the words of this program, which
/// everybody may read, does not tell a probe from other traffic.
/// </summary>
internal sealed class ProbeAuthor(ProbeCaller caller, ProbePrompts prompts)
{
    private const double WrittenByModel = 0.5;
    private const double HasSystem = 0.5;
    private const int LeastWritten = 12;
    private const int MostWritten = 1000;

    // At the temperature of chance, at once.
    private static readonly ProbeShape Writing = new(IsGreedy: false, HasLogprobs: true, IsStreamed: false, MaxTokens: 100, Temperature: 1);

    public async Task<ProbeChat> BeginAsync(ProbeOffer offer, CancellationToken cancellationToken)
    {
        var chat = new ProbeChat();
        if (Chance.Of(HasSystem))
        {
            chat.Instruct(ProbePrompts.Instruction());
        }

        var written = caller.HasReferences && Chance.Of(WrittenByModel) ? await WriteAsync(offer, cancellationToken) : null;
        return chat.Ask(written ?? prompts.Beginning());
    }

    /// <returns>Null: nobody wrote anything that was never there.</returns>
    private async Task<string?> WriteAsync(ProbeOffer offer, CancellationToken cancellationToken)
    {
        var commission = new ProbeChat().Ask(ProbePrompts.Commission());
        var answer = await caller.AskReferenceAsync(commission, Writing, offer.ModelId, offer.Quantization, cancellationToken);
        var text = answer is null ? "" : Encoding.UTF8.GetString(answer.Text.Span).Trim(' ', '\n', '"');
        return text.Length is >= LeastWritten and <= MostWritten && prompts.IsNew(text) ? text : null;
    }
}
