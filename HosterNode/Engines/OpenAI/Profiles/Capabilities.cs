namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>What engines can, as names of <c>ServedModel.capabilities</c>.</summary>
internal static class Capabilities
{
    public const string Chat = "chat";
    public const string Embeddings = "embeddings";
    public const string Images = "images";
    public const string Tools = "tools";

    /// <summary>What every server that calls itself compatible can.</summary>
    public static readonly string[] Common = [Chat, "completions", "seed", "penalties"];

    /// <summary>What the servers can that are made for serving.</summary>
    public static readonly string[] Serving = [.. Common, "logprobs", "logit_bias", "token_ids", "json_schema", "top_k", "min_p"];
}
