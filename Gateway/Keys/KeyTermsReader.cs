using System.Text.Json;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Keys;

/// <summary>
/// The body that makes or changes a key. A name that it does not know is refused: a cap that was written wrong must not be a key without
/// one. <c>null</c> is the default: no end, no caps, no limits, all models.
/// </summary>
internal static class KeyTermsReader
{
    private const int MostNameLength = 100;
    private const int MostModels = 100;
    private const int MostModelLength = 200;
    private const decimal MostDollars = 10_000_000;
    private const long MostLimit = 1_000_000_000;

    // 2100; later than any key's life, and well inside of what a clock's formats hold.
    private const long LatestExpiry = 4_102_444_800;

    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(7);

    // As billing.proto and scheduler.proto name them.
    private static readonly string[] Windows = ["hour", "day", "week", "month", "total"];
    private static readonly string[] Policies = ["price", "throughput", "latency", "quality"];

    /// <exception cref="RequestRefusedException">A field is wrong.</exception>
    public static KeyTerms Read(JsonElement body)
    {
        var terms = new KeyTerms();
        foreach (var field in Fields(body))
        {
            var value = field.Value;
            var isNull = value.ValueKind == JsonValueKind.Null;
            switch (field.Name)
            {
                case "name":
                    terms.Name = isNull ? "" : ReadText(value, "name", MostNameLength);
                    break;
                case "expires_at":
                    terms.ExpiresAt = isNull ? 0 : checked(value.ReadInteger("expires_at", 1, LatestExpiry) * 1000);
                    break;
                case "allowed_models":
                    terms.AllowedModels = isNull ? new ModelNames() : ReadModels(value);
                    break;
                case "spend_caps":
                    terms.SpendCaps = isNull ? new SpendCaps() : ReadCaps(value);
                    break;
                case "limits":
                    terms.Limits = isNull ? new KeyLimits() : ReadLimits(value);
                    break;
                case "policy":
                    terms.Policy = isNull ? "" : ReadOneOf(value, "policy", Policies);
                    break;
                default:
                    throw Unknown(RequestRefusedException.Shown(field.Name));
            }
        }

        return terms;
    }

    /// <summary>The body of a key that calls no model: a name and an end, nothing else.</summary>
    /// <exception cref="RequestRefusedException">A field is wrong.</exception>
    public static KeyTerms ReadNameAndEnd(JsonElement body)
    {
        foreach (var field in Fields(body))
        {
            if (field.Name is not ("name" or "expires_at"))
            {
                throw Unknown(RequestRefusedException.Shown(field.Name));
            }
        }

        return Read(body);
    }

    /// <summary>How long a rotated key's old text stays good: <c>grace_seconds</c>.</summary>
    /// <exception cref="RequestRefusedException">A field is wrong.</exception>
    public static TimeSpan ReadGrace(JsonElement body)
    {
        var grace = TimeSpan.Zero;
        foreach (var field in Fields(body))
        {
            grace = field.Name == "grace_seconds"
                ? TimeSpan.FromSeconds(field.Value.ReadInteger("grace_seconds", 0, (long)LongestGrace.TotalSeconds))
                : throw Unknown(RequestRefusedException.Shown(field.Name));
        }

        return grace;
    }

    private static ModelNames ReadModels(JsonElement value)
    {
        var models = value.ReadStrings("allowed_models").Distinct().ToArray();
        return models.Length <= MostModels && Array.TrueForAll(models, model => model.Length is > 0 and <= MostModelLength)
            ? new ModelNames { Models = { models } }
            : throw RequestRefusedException.For("allowed_models", $"it must be at most {MostModels} names of models");
    }

    private static SpendCaps ReadCaps(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw RequestRefusedException.For("spend_caps", "it must be an array");
        }

        var caps = new SpendCaps();
        foreach (var item in value.EnumerateArray())
        {
            var param = $"spend_caps[{caps.Caps.Count}]";
            var cap = ReadCap(item, param);
            if (caps.Caps.Any(other => other.Window == cap.Window))
            {
                throw RequestRefusedException.For($"{param}.window", "there is one cap per window");
            }

            caps.Caps.Add(cap);
        }

        return caps;
    }

    private static SpendCap ReadCap(JsonElement item, string param)
    {
        string? window = null;
        Money? limit = null;
        foreach (var field in item.ReadObject(param).EnumerateObject())
        {
            switch (field.Name)
            {
                case "window":
                    window = ReadOneOf(field.Value, $"{param}.window", Windows);
                    break;
                case "limit_usd":
                    limit = ReadDollars(field.Value, $"{param}.limit_usd");
                    break;
                default:
                    throw Unknown($"{param}.{RequestRefusedException.Shown(field.Name)}");
            }
        }

        return new SpendCap
        {
            Window = window ?? throw RequestRefusedException.Missing($"{param}.window"),
            Amount = (limit ?? throw RequestRefusedException.Missing($"{param}.limit_usd")).NanoDollars,
        };
    }

    private static KeyLimits ReadLimits(JsonElement value)
    {
        var limits = new KeyLimits();
        foreach (var field in value.ReadObject("limits").EnumerateObject())
        {
            var param = $"limits.{RequestRefusedException.Shown(field.Name)}";
            var limit = field.Value.ValueKind == JsonValueKind.Null ? 0 : (uint)field.Value.ReadInteger(param, 0, MostLimit);
            switch (field.Name)
            {
                case "parallel_requests":
                    limits.ParallelRequests = limit;
                    break;
                case "requests_per_minute":
                    limits.RequestsPerMinute = limit;
                    break;
                case "tokens_per_minute":
                    limits.TokensPerMinute = limit;
                    break;
                default:
                    throw Unknown(param);
            }
        }

        return limits;
    }

    // Read as a decimal: a double has no exact cents.
    private static Money ReadDollars(JsonElement value, string param) =>
        value.ValueKind == JsonValueKind.Number
        && value.TryGetDecimal(out var dollars)
        && dollars is >= 0 and <= MostDollars
        && decimal.IsInteger(dollars * Money.NanoDollarsPerDollar)
            ? Money.FromDollars(dollars)
            : throw RequestRefusedException.For(param, $"it must be a number of dollars from 0 to {MostDollars:0}, with at most nine decimals");

    private static string ReadOneOf(JsonElement value, string param, string[] known)
    {
        var text = value.ReadString(param);
        return known.Contains(text) ? text : throw RequestRefusedException.For(param, $"it must be one of {string.Join(", ", known)}");
    }

    private static string ReadText(JsonElement value, string param, int most)
    {
        var text = value.ReadString(param);
        return text.Length <= most && !text.Any(char.IsControl)
            ? text
            : throw RequestRefusedException.For(param, $"it must be at most {most} characters, none of them a control character");
    }

    private static JsonElement.ObjectEnumerator Fields(JsonElement body) => body.ValueKind == JsonValueKind.Object
        ? body.EnumerateObject()
        : throw new RequestRefusedException(OpenAIError.Invalid("The body must be a JSON object."));

    private static RequestRefusedException Unknown(string name) =>
        new(OpenAIError.Invalid($"Unknown parameter: '{name}'.", name, "unknown_parameter"));
}
