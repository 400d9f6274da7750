namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>Answers that cost the engine a request, kept for as long as its version, and the model, are the same.</summary>
internal sealed class OnceAsked<T>
{
    private readonly Dictionary<(string Version, string Model), T> _answers = [];

    /// <param name="version">The engine's.</param>
    /// <param name="model">Its model.</param>
    /// <param name="ask">Puts the question.</param>
    /// <param name="otherwise">What holds as long as the engine is too busy to answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<T> GetAsync(
        string version, string model, Func<CancellationToken, Task<T>> ask, T otherwise, CancellationToken cancellationToken)
    {
        if (_answers.TryGetValue((version, model), out var known))
        {
            return known;
        }

        try
        {
            return _answers[(version, model)] = await ask(cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return otherwise;
        }
    }
}
