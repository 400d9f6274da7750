using ComputeShare.HosterNode.Engines.OpenAI.Profiles;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.OpenAI.Discovery;

/// <summary>Looks for engines before there is a node: on this machine's usual ports, or at an address.</summary>
internal sealed class EngineSearch(TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // Ollama, llama-server (and TGI's container), vLLM, SGLang, LM Studio, TGI.
    private static readonly int[] UsualPorts = [11434, 8080, 8000, 30000, 1234, 3000];

    /// <summary>Whoever serves at the usual ports; the addresses are those of <c>Engine:Url</c>.</summary>
    public Task<IReadOnlyList<FoundEngine>> FindAsync(CancellationToken cancellationToken) =>
        FindAsync(UsualPorts.Select(port => new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri), cancellationToken);

    public async Task<IReadOnlyList<FoundEngine>> FindAsync(IEnumerable<Uri> addresses, CancellationToken cancellationToken) =>
        [.. (await Task.WhenAll(addresses.Select(address => AskAsync(address, apiKey: "", cancellationToken)))).OfType<FoundEngine>()];

    /// <returns>Null: no engine serves there, or none does without another key.</returns>
    public async Task<FoundEngine?> AskAsync(Uri address, string apiKey, CancellationToken cancellationToken)
    {
        var options = Options.Create(new OpenAIEngineOptions { Url = address.ToString(), ApiKey = apiKey });
        using var client = new EngineClient(options, clock);
        using var late = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            var found = await new EngineProbe(client, options, NullLogger<EngineProbe>.Instance).FindAsync(either.Token);
            return new FoundEngine(address, found.Description, found.Load, found.WithoutContext);
        }
        catch (Exception error) when (error is EngineAwayException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}

/// <param name="Address">Where it is, as <c>Engine:Url</c> takes it.</param>
/// <param name="Description">What it is and offers.</param>
/// <param name="Load">Requests in it now; null where it does not tell.</param>
/// <param name="WithoutContext">Its models that <c>Engine:ContextLength</c> would bring in.</param>
internal sealed record FoundEngine(Uri Address, EngineDescription Description, EngineLoad? Load, IReadOnlyList<string> WithoutContext);
