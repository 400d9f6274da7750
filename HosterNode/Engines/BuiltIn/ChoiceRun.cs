using System.Threading.Channels;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars;
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
    private readonly Prompt _prompt;
    private readonly int _choice;
    private readonly KvCache _cache;
    private readonly LlamaWorkspace _work;
    private readonly Sampler _sampler;
    private readonly GrammarMatcher _matcher;
    private ITokenDeltas? _deltas;
    private int[]? _going;
    private int? _unread;

    /// <param name="model">The model.</param>
    /// <param name="generation">The request.</param>
    /// <param name="prompt">That of this choice.</param>
    /// <param name="choice">Index of this choice among all.</param>
    /// <param name="cache">Holds the prompt's context; this choice's own.</param>
    /// <param name="work">In which the context's last token was read; this choice's own.</param>
    /// <exception cref="EngineException">What is to be continued is not of the request's form, or the form has too many states.</exception>
    public ChoiceRun(BuiltInModel model, Generation generation, Prompt prompt, int choice, KvCache cache, LlamaWorkspace work)
    {
        _model = model;
        _generation = generation;
        _prompt = prompt;
        _choice = choice;
        _cache = cache;
        _work = work;
        _sampler = new Sampler(generation.Sampling, choice, model.Tokenizer.VocabularySize);
        _matcher = Follow(() => new GrammarMatcher(generation.Form.Grammar, model.Vocabulary));
        foreach (var token in prompt.Continued)
        {
            Continue(token);
        }
    }

    public uint GeneratedTokens { get; private set; }

    private bool IsCalling => _deltas is CallAssembler;

    public async Task<FinishReason> RunAsync(ComputeThreads threads, Pace pace, ChannelWriter<Delta> output, CancellationToken cancellationToken)
    {
        while (GeneratedTokens < _prompt.MaxTokens && !_matcher.IsOver)
        {
            var next = await threads.RunAsync(Step, cancellationToken);
            if (_model.IsEnd(next.Token))
            {
                return await EndAsync(Ended, output, cancellationToken);
            }

            GeneratedTokens++;
            await pace.WaitAsync((int)GeneratedTokens, cancellationToken);
            _deltas ??= DeltasFrom(next.Token);
            await WriteAsync(_deltas.Add(next.Token, _model.Tokenizer.BytesOf(next.Token), next.Logprob), output, cancellationToken);
            if (_deltas.IsStopped)
            {
                return FinishReason.Stop;
            }
        }

        // A document that is complete when the budget ends was not cut.
        var isWhole = _matcher.IsOver || (_matcher.IsComplete && (IsCalling || _generation.Form.IsBounded));
        return await EndAsync(isWhole ? Ended : FinishReason.Length, output, cancellationToken);
    }

    private FinishReason Ended => IsCalling ? FinishReason.ToolCalls : FinishReason.Stop;

    /// <summary>Reads the token of the step before, and picks the next one.</summary>
    private (int Token, TokenLogprob? Logprob) Step()
    {
        if (_unread is { } last)
        {
            _model.Transformer.Read(last, _cache, _work);
        }

        var logits = _model.Transformer.Predict(_work);
        var token = Follow(() => Pick());
        var logprob = _generation.TopLogprobs is { } top ? Logprobs.Of(logits, token, top, _model.Tokenizer) : null;
        _unread = token;
        return (token, logprob);
    }

    private int Pick()
    {
        var position = _prompt.FirstPosition + (int)GeneratedTokens;
        var allowed = _matcher.Allowed(_prompt.MaxTokens - (int)GeneratedTokens);
        var token = _sampler.Sample(_work.Logits, position, position < _generation.MinTokens ? WithoutEnds(allowed) : allowed);
        if (!_model.IsEnd(token))
        {
            _sampler.Accept(token);
            _matcher.TryAccept(token);
        }

        return token;
    }

    /// <summary>What may stand where the text is too short to end, unless it can do nothing else.</summary>
    private ReadOnlySpan<int> WithoutEnds(ReadOnlySpan<int> allowed)
    {
        _going ??= new int[_model.Tokenizer.VocabularySize];
        var count = 0;
        foreach (var token in allowed)
        {
            if (!_model.IsEnd(token))
            {
                _going[count++] = token;
            }
        }

        return count > 0 ? _going.AsSpan(0, count) : allowed;
    }

    private void Continue(int token)
    {
        if (!Follow(() => _matcher.TryAccept(token)))
        {
            throw EngineException.Invalid("The continuation does not have the form that the request asks for.", _generation.Form.Param);
        }

        _sampler.Accept(token);
        _deltas ??= DeltasFrom(token);
        (_deltas as CallAssembler)?.Pass(_model.Tokenizer.BytesOf(token));
    }

    private ITokenDeltas DeltasFrom(int firstToken)
    {
        var calls = _generation.Form.Calls;
        return calls == CallForm.Only || (calls == CallForm.Marked && firstToken == _model.Vocabulary.ToolCall)
            ? new CallAssembler(_choice, _prompt.FirstPosition, call => CallIds.Of(_prompt.Context.Take(_prompt.Length), _generation.Sampling.Seed, _choice, call))
            : new DeltaAssembler(_choice, _prompt.FirstPosition, _generation.Stop);
    }

    private async Task<FinishReason> EndAsync(FinishReason reason, ChannelWriter<Delta> output, CancellationToken cancellationToken)
    {
        await WriteAsync(_deltas?.Complete(), output, cancellationToken);
        return reason;
    }

    private T Follow<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (GrammarException error)
        {
            throw error.ToEngineException(_generation.Form.Param);
        }
    }

    private static ValueTask WriteAsync(Delta? delta, ChannelWriter<Delta> output, CancellationToken cancellationToken) =>
        delta is null ? ValueTask.CompletedTask : output.WriteAsync(delta, cancellationToken);
}
