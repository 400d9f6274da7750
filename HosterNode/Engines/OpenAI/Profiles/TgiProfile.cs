namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>
/// Hugging Face's text-generation-inference. Its penalties and formats are not OpenAI's: a presence penalty becomes a factor of two and
/// more, and a JSON form is asked for in other words.
/// </summary>
internal sealed class TgiProfile(EngineClient client) : EngineProfile
{
    private static readonly string[] Always = [Capabilities.Chat, "completions", "seed"];

    public override string Name => "tgi";

    public override async Task<EngineReport?> AskAsync(EngineListing listing, CancellationToken cancellationToken)
    {
        var info = await client.PageAsync(EnginePaths.TgiInfo, cancellationToken);
        var model = info.Get("model_id").Text();
        if (model.Length == 0 || info.Get("max_total_tokens").Count() is not { } context)
        {
            return null;
        }

        var load = await client.GaugesAsync("tgi_batch_current_size", "tgi_queue_size", cancellationToken);
        return new EngineReport(
            info.Get("version").Text(), info.Get("max_concurrent_requests").Count(), load, [new ReportedModel(model, context, "", Always)]);
    }
}
