using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ComputeShare.HosterNode.Control;

namespace ComputeShare.HosterNode.Joining;

/// <summary>What a hoster agreed to when the node joined; kept in its folder, so that it starts again without asking.</summary>
/// <param name="Gateway">Its public address.</param>
/// <param name="Id">The node's, the hoster's for ever.</param>
/// <param name="Engine">Its address; empty: the built-in engine.</param>
/// <param name="ContextLength">Where the engine does not tell it.</param>
/// <param name="EngineSlots">What the engine runs side by side, where the owner knows better than it says.</param>
/// <param name="TrustedCertificates">A PEM file of those who vouch for the gateway; empty: the machine's.</param>
/// <param name="Models">What is offered of the engine's.</param>
internal sealed record NodeSettings(
    Uri Gateway,
    string HosterKey,
    string Id,
    string Engine,
    string EngineKey,
    int? ContextLength,
    int Slots,
    int? EngineSlots,
    bool OwnerFirst,
    bool AllowUnencrypted,
    string TrustedCertificates,
    IReadOnlyList<OfferedModel> Models)
{
    /// <summary>Null: this folder's node has not joined yet.</summary>
    /// <exception cref="JoinException">The file is none that <see cref="Save"/> wrote.</exception>
    public static NodeSettings? Load(OwnerFolder folder)
    {
        try
        {
            return folder.Read(OwnerFolder.SettingsFile) is { } text
                ? JsonSerializer.Deserialize(text, NodeSettingsJsonContext.Default.NodeSettings)
                : null;
        }
        catch (JsonException)
        {
            throw new JoinException($"{OwnerFolder.SettingsFile} in {folder.Path} cannot be read; join again with --gateway and a key.");
        }
    }

    public void Save(OwnerFolder folder) =>
        folder.Create().Write(OwnerFolder.SettingsFile, JsonSerializer.Serialize(this, NodeSettingsJsonContext.Default.NodeSettings));

    /// <summary>As the node is configured, whoever starts it.</summary>
    public Dictionary<string, string?> ToConfiguration()
    {
        var keys = new Dictionary<string, string?>
        {
            ["Node:Id"] = Id,
            ["Node:Gateways:0"] = Gateway.AbsoluteUri,
            ["Node:HosterKey"] = HosterKey,
            ["Node:Transport"] = "tunnel",
            ["Node:Slots"] = Text(Slots),
            ["Node:OwnerFirst"] = OwnerFirst ? "true" : "false",
            ["Node:AllowUnencryptedTunnel"] = AllowUnencrypted ? "true" : "false",
            ["Node:TrustedCertificates"] = TrustedCertificates,
            ["Engine:Url"] = Engine,
            ["Engine:ApiKey"] = EngineKey,
        };
        if (ContextLength is { } length)
        {
            keys["Engine:ContextLength"] = Text(length);
        }

        if (EngineSlots is { } slots)
        {
            keys["Engine:Slots"] = Text(slots);
        }

        foreach (var (index, model) in Models.Index())
        {
            keys[$"Engine:Models:{index}"] = model.Name;
            keys[$"Node:ModelPrices:{index}:Model"] = model.Name;
            keys[$"Node:ModelPrices:{index}:Input"] = Text(model.Input);
            keys[$"Node:ModelPrices:{index}:CachedInput"] = Text(model.CachedInput);
            keys[$"Node:ModelPrices:{index}:Output"] = Text(model.Output);
        }

        return keys;
    }

    // A record's generated text would print the keys.
    public override string ToString() => Id;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Prices in nano-dollars per million tokens.</summary>
/// <param name="Name">The engine's name of it.</param>
internal sealed record OfferedModel(string Name, long Input, long CachedInput, long Output);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NodeSettings))]
internal sealed partial class NodeSettingsJsonContext : JsonSerializerContext;

/// <summary>The node cannot join; the message is the one sentence that its owner reads, and names the option.</summary>
internal sealed class JoinException(string message) : Exception(message);
