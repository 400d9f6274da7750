using System.Threading.Channels;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn.Requests;
using ComputeShare.HosterNode.Engines.BuiltIn.Sampling;
using ComputeShare.HosterNode.Engines.BuiltIn.Text;
using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>One choice: predicts, samples and hands on one token after another until something ends it. One slot's work.</summary>
internal sealed class ChoiceRun
{
    private readonly BuiltInModel _model;
    private readonly Generation _generation;
    private readonly KvCache _cache;
    private readonly LlamaWorkspace _work;
    private readonly Sampler _sampler;
    private readonly DeltaAssembler _deltas;
    private readonly Func<int, bool> _mayFollow;
    private Utf8State _text;
    private int? _unread;

    /// <param name="model">The model.</param>
    /// <param name="generation">The request.</param>
    /// <param name="choice">Index of this choice.</param>
    /// <param name="cache">Holds the request's context; this choice's own.</param>
    /// <param name="work">In which the context's last token was read; this choice's own.</param>
    public ChoiceRun(BuiltInModel model, Generation generation, int choice, KvCache cache, LlamaWorkspace work)
    {
        _model = model;
        _generation = generation;
        _cache = cache;
        _work = work;
        _sampler = new Sampler(generation.Sampling, choice, model.Tokenizer.VocabularySize);
        _deltas = new DeltaAssembler(choice, generation.FirstPosition, generation.Stop);
        _mayFollow = MayFollow;
        foreach (var token in generation.Continued)
        {
            _sampler.Accept(token);
            // A continuation that is cut within a character is refused by no one: the rest of the character comes here.
            _text.TryAdvance(model.Tokenizer.BytesOf(token), out _text);
        }
    }

    public uint GeneratedTokens { get; private set; }

    public async Task<FinishReason> RunAsync(ComputeThreads threads, Pace pace, ChannelWriter<Delta> output, CancellationToken cancellationToken)
    {
        while (GeneratedTokens < _generation.MaxTokens)
        {
            var next = await threads.RunAsync(Step, cancellationToken);
            if (_model.IsEnd(next.Token))
            {
                await WriteAsync(_deltas.Complete(), output, cancellationToken);
                return FinishReason.Stop;
            }

            GeneratedTokens++;
            await pace.WaitAsync((int)GeneratedTokens, cancellationToken);
            await WriteAsync(_deltas.Add(next.Token, _model.Tokenizer.BytesOf(next.Token), next.Logprob), output, cancellationToken);
            if (_deltas.IsStopped)
            {
                return FinishReason.Stop;
            }
        }

        await WriteAsync(_deltas.Complete(), output, cancellationToken);
        return FinishReason.Length;
    }

    /// <summary>Reads the token of the step before, and picks the next one.</summary>
    private (int Token, TokenLogprob? Logprob) Step()
    {
        if (_unread is { } last)
        {
            _model.Transformer.Read(last, _cache, _work);
        }

        var logits = _model.Transformer.Predict(_work);
        var token = _sampler.Sample(logits, _generation.FirstPosition + (int)GeneratedTokens, _mayFollow);
        var logprob = _generation.TopLogprobs is { } top ? Logprobs.Of(logits, token, top, _model.Tokenizer) : null;
        _sampler.Accept(token);
        _text.TryAdvance(_model.Tokenizer.BytesOf(token), out _text);
        _unread = token;
        return (token, logprob);
    }

    /// <summary>
    /// Text tokens that keep the text UTF-8, and between characters those that end it. Other control tokens are the template's alone.
    /// </summary>
    private bool MayFollow(int token) => _model.Tokenizer.IsText(token)
        ? _text.TryAdvance(_model.Tokenizer.BytesOf(token), out _)
        : _text.IsWhole && _model.IsEnd(token);

    private static ValueTask WriteAsync(Delta? delta, ChannelWriter<Delta> output, CancellationToken cancellationToken) =>
        delta is null ? ValueTask.CompletedTask : output.WriteAsync(delta, cancellationToken);
}
