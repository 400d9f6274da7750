using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Document;

namespace ComputeShare.Gateway.Tests.OpenAI;

/// <summary>The request fields that the OpenAPI document lists, and what the readers do with them.</summary>
internal static class OpenApiFields
{
    public static JsonNode Document { get; } = JsonNode.Parse(OpenApiDocument.Bytes.Span)!;

    /// <summary>The endpoints with a body that a reader reads, in the document's order.</summary>
    public static IEnumerable<string> GenerationPaths => Document["paths"]!.AsObject().Select(path => path.Key).Where(GenerationApi.Readers.ContainsKey);

    public static JsonObject Schema(string path)
    {
        var reference = (string)Document["paths"]![path]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]!;
        return Document["components"]!["schemas"]![reference.Split('/')[^1]]!.AsObject();
    }

    public static JsonObject Properties(string path) => Schema(path)["properties"]!.AsObject();

    /// <summary>What becomes of a field with the document's example of it.</summary>
    public static string State(string path, string name)
    {
        var property = Properties(path)[name]!;
        var without = Body(path, property["x-needs"]?.AsObject());
        var with = JsonNode.Parse(without.ToJsonString())!.AsObject();
        with[name] = property["example"]!.DeepClone();
        try
        {
            var (plain, asked) = (Read(path, without, name), Read(path, with, name: null)!);
            var needed = asked.Capabilities.Except(plain?.Capabilities ?? []).Select(required => $"`{required.Name}`").ToArray();
            return asked.Ignored.Contains(name) ? "ignored"
                : needed.Length > 0 ? $"honoured by nodes with {string.Join(", ", needed)}"
                : plain is null || Describe(plain) != Describe(asked) ? "honoured"
                : "accepted without effect";
        }
        catch (RequestRefusedException refused)
        {
            return $"refused: {refused.Error.Status} `{refused.Error.Code ?? refused.Error.Type}`";
        }
    }

    /// <summary>Whether a reader does anything with a field of this name but ignoring it.</summary>
    public static bool IsKnown(string path, string name)
    {
        var body = Body(path, needs: null);
        body[name] = new JsonObject { ["what"] = "is this" };
        try
        {
            return !Read(path, body, name: null)!.Ignored.Contains(name);
        }
        catch (RequestRefusedException)
        {
            return true;
        }
    }

    // A field that is required has nothing to be compared with.
    private static CompletionRequest? Read(string path, JsonObject body, string? name)
    {
        if (name is not null && body.ContainsKey(name))
        {
            return null;
        }

        using var document = JsonDocument.Parse(body.ToJsonString());
        return GenerationApi.Readers[path](document.RootElement);
    }

    private static JsonObject Body(string path, JsonObject? needs)
    {
        var body = new JsonObject { ["model"] = "auto" };
        foreach (var required in Schema(path)["required"]!.AsArray())
        {
            body[(string)required!] = Properties(path)[(string)required!]!["example"]!.DeepClone();
        }

        foreach (var (name, value) in needs ?? [])
        {
            body[name] = value!.DeepClone();
        }

        return body;
    }

    private static string Describe(CompletionRequest request) => string.Join('\n', typeof(CompletionRequest)
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.Name != nameof(CompletionRequest.Operation))
        .Select(property => $"{property.Name}: {Text(property.GetValue(request))}"));

    private static string Text(object? value) => value switch
    {
        ReadOnlyMemory<byte> bytes => Encoding.UTF8.GetString(bytes.Span),
        string text => text,
        IEnumerable all => string.Join(", ", all.Cast<object>()),
        _ => $"{value}",
    };
}
