using ComputeShare.HosterNode.Engines.OpenAI;
using ComputeShare.HosterNode.Engines.OpenAI.Discovery;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Profiles;

/// <summary>Asks who answers, as a node does, without a node.</summary>
internal static class Probing
{
    public static async Task<EngineFinding> AskAsync(FakeEngine engine)
    {
        var options = Options.Create(new OpenAIEngineOptions { Url = engine.Address.ToString() });
        using var client = new EngineClient(options, TimeProvider.System);
        return await new EngineProbe(client, options, NullLogger<EngineProbe>.Instance).FindAsync(TestContext.Current.CancellationToken);
    }
}
