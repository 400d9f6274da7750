using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>Any other server: speaks the API; more is not known of it.</summary>
internal sealed class PlainProfile : EngineProfile
{
    // Where servers tell a model's context.
    private static readonly string[] ContextNames = ["max_model_len", "context_length", "max_context_length", "context_window"];

    public override string Name => "openai-compatible";

    public override Task<EngineReport?> AskAsync(EngineListing listing, CancellationToken cancellationToken) => Task.FromResult<EngineReport?>(
        new EngineReport("", null, null, [.. listing.Models.Select(listed => new ReportedModel(listed.Get("id").Text(), Context(listed), "", Capabilities.Common))]));

    private static int? Context(JsonElement listed) =>
        ContextNames.Select(name => listed.Get(name).Count()).FirstOrDefault(length => length is not null) ?? listed.Get("meta").Get("n_ctx").Count();
}
