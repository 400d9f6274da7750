using System.Globalization;
using ComputeShare.HosterNode.Engines.OpenAI;
using ComputeShare.HosterNode.Engines.OpenAI.Discovery;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Joining;

/// <summary>Finds engines on this machine by asking at their usual ports, with the questions that the node itself asks (<see cref="EngineProbe"/>).</summary>
internal sealed class EngineFinder(IReadOnlyList<UsualPort> ports, TimeProvider clock)
{
    /// <summary>All that answer as engines, in the order of the ports.</summary>
    /// <param name="gateway">Never its own engine, on whatever port it listens.</param>
    public async Task<IReadOnlyList<FoundEngine>> FindAsync(Uri gateway, JoinWishes wishes, CancellationToken cancellationToken)
    {
        var addresses = ports.Select(port => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port.Port}"));
        var asked = addresses.Where(address => !IsSame(new Uri(address), gateway)).Select(async address =>
        {
            try
            {
                return await AskAsync(address, wishes, cancellationToken);
            }
            catch (EngineAwayException)
            {
                // Nobody, or somebody else.
                return null;
            }
        });
        return [.. (await Task.WhenAll(asked)).OfType<FoundEngine>()];
    }

    /// <exception cref="EngineAwayException">No engine serves there; says why.</exception>
    public async Task<FoundEngine> AskAsync(string address, JoinWishes wishes, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(clock).AddEngineProbe();
        services.AddSingleton(Options.Create(new OpenAIEngineOptions
        {
            Url = address,
            ApiKey = wishes.EngineKey ?? "",
            ContextLength = wishes.ContextLength,
        }));
        await using var provider = services.BuildServiceProvider();
        var found = await provider.GetRequiredService<EngineProbe>().FindAsync(cancellationToken);
        return new FoundEngine(address, found.Description, found.WithoutContext);
    }

    private static bool IsSame(Uri engine, Uri gateway) => gateway.IsLoopback && engine.Port == gateway.Port;
}
