using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.OpenAI;

/// <summary>The engine beside this node: any server that speaks OpenAI's HTTP API. Without <see cref="Url"/> the built-in one runs.</summary>
internal sealed class OpenAIEngineOptions
{
    public const string Section = "Engine";

    /// <summary>Where it is, such as <c>http://127.0.0.1:8081</c>; a <c>/v1</c> at the end changes nothing. Default: none.</summary>
    public string Url { get; set; } = "";

    /// <summary>What it wants as <c>Authorization: Bearer</c>. Default: nothing.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>
    /// How many requests it runs side by side, from 1 to 1,024. Default: what it says itself, 1 for Ollama and LM Studio before 0.4, else
    /// <c>Node:Slots</c>.
    /// </summary>
    public int? Slots { get; set; }

    /// <summary>Its names of the models that are offered. Default: all.</summary>
    public IList<string> Models { get; set; } = [];

    /// <summary>
    /// Tokens of prompt and completion together, per request, from 16 to 100,000,000. Default: what it says itself. A model of an engine
    /// that says nothing is not offered without this.
    /// </summary>
    public int? ContextLength { get; set; }

    /// <summary>
    /// What its models can beside what the node finds out, such as <c>tools</c> where the engine was started with a parser of tool calls.
    /// Default: nothing.
    /// </summary>
    public IList<string> Capabilities { get; set; } = [];

    /// <summary>How often it is asked what it serves, from 1 s to 5 min; llama.cpp suffers from more. Default: 5 s.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>By hand, so that each message names its key.</summary>
internal sealed class OpenAIEngineOptionsValidator : IValidateOptions<OpenAIEngineOptions>
{
    private const int LeastContext = 16;
    private const int MostContext = 100_000_000;
    private static readonly string[] Capabilities =
    [
        "chat", "completions", "embeddings", "dimensions", "tools", "json_schema", "json_object", "logprobs", "logit_bias", "penalties", "seed", "images",
        "token_ids", "reasoning_effort", "top_k", "min_p", "typical_p", "repetition_penalty", "min_tokens",
    ];

    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostInterval = TimeSpan.FromMinutes(5);

    public ValidateOptionsResult Validate(string? name, OpenAIEngineOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        Check(
            Uri.TryCreate(options.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length + url.Query.Length == 0,
            "Engine:Url must be an http or https address without user and query.");
        Check(options.ApiKey.All(character => character is > ' ' and <= '~'), "Engine:ApiKey must be printable ASCII without blanks.");
        Check(options.Slots is null or (>= 1 and <= NodeOptions.MostSlots), $"Engine:Slots must be from 1 to {NodeOptions.MostSlots}.");
        Check(options.ContextLength is null or (>= LeastContext and <= MostContext), $"Engine:ContextLength must be from {LeastContext} to {MostContext}.");
        Check(options.Capabilities.All(Capabilities.Contains), $"Engine:Capabilities must be of {string.Join(", ", Capabilities)}.");
        Check(options.RefreshInterval >= LeastInterval && options.RefreshInterval <= MostInterval, "Engine:RefreshInterval must be from 1 s to 5 min.");
        return result.Build();

        void Check(bool holds, string message)
        {
            if (!holds)
            {
                result.AddError(message);
            }
        }
    }
}
