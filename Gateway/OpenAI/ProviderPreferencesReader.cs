using System.Globalization;
using System.Text.Json;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Scheduling;
using Google.Protobuf.Collections;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// Reads <c>provider</c>: which hosters may serve a request, and at what price, in the names that OpenRouter's callers know. What would
/// restrict more than we can keep is refused; what restricts nothing is accepted.
/// </summary>
internal static class ProviderPreferencesReader
{
    private const int MostNames = 32;
    private const int MostNameCharacters = 64;
    private const decimal MostDollars = 1_000_000;

    private static readonly string[] Sorts = ["price", "throughput", "latency", "quality"];

    /// <param name="value">The field's value.</param>
    /// <param name="ignore">Told the names of fields that have no effect.</param>
    /// <exception cref="RequestRefusedException">It is wrong; names <c>provider.x</c>.</exception>
    public static ProviderPreferences Read(JsonElement value, Action<string> ignore)
    {
        var preferences = new ProviderPreferences();
        foreach (var field in value.ReadObject("provider").EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            Read(preferences, field, $"provider.{field.Name}", ignore);
        }

        return preferences;
    }

    private static void Read(ProviderPreferences preferences, JsonProperty field, string param, Action<string> ignore)
    {
        var value = field.Value;
        switch (field.Name)
        {
            case "order":
                ReadNames(preferences.Order, value, param);
                break;
            case "only":
                ReadNames(preferences.Only, value, param);
                break;
            case "ignore":
                ReadNames(preferences.Ignore, value, param);
                break;
            case "quantizations":
                ReadNames(preferences.Quantizations, value, param);
                break;
            case "sort":
                preferences.Sort = ReadSort(value, param);
                break;
            case "max_price":
                ReadMaxPrice(preferences, value, param, ignore);
                break;
            case "require_parameters":
                // A node that cannot do what a request uses is never asked; what is left are fields that nobody knows.
                preferences.RequireParameters = value.ReadBoolean(param);
                break;
            case "allow_fallbacks":
                preferences.DisallowFallbacks = !value.ReadBoolean(param);
                break;
            case "data_collection":
                RefuseUnless(value.ReadString(param) == "allow", param);
                break;
            case "zdr" or "enforce_distillable_text" or "resume":
                RefuseUnless(!value.ReadBoolean(param), param);
                break;
            default:
                ignore(param);
                break;
        }
    }

    private static void ReadNames(RepeatedField<string> names, JsonElement value, string param)
    {
        names.Add(value.ReadStrings(param));
        if (names.Count > MostNames || names.Any(name => name.Length is 0 or > MostNameCharacters || name.Any(char.IsControl)))
        {
            throw RequestRefusedException.For(param, $"at most {MostNames} names of 1 to {MostNameCharacters} characters are accepted");
        }
    }

    private static string ReadSort(JsonElement value, string param)
    {
        var sort = value.ReadString(param);
        return Sorts.Contains(sort) ? sort : throw RequestRefusedException.For(param, $"it must be one of {string.Join(", ", Sorts)}");
    }

    private static void ReadMaxPrice(ProviderPreferences preferences, JsonElement value, string param, Action<string> ignore)
    {
        foreach (var field in value.ReadObject(param).EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            var part = $"{param}.{field.Name}";
            switch (field.Name)
            {
                case "prompt":
                    preferences.MaxPriceInput = ReadPrice(field.Value, part);
                    break;
                case "completion":
                    preferences.MaxPriceOutput = ReadPrice(field.Value, part);
                    break;
                case "request" or "image" or "audio":
                    // Nothing is charged by these, so every ceiling is kept.
                    ReadPrice(field.Value, part);
                    break;
                default:
                    ignore(part);
                    break;
            }
        }
    }

    // Dollars per million tokens, exactly; what is finer than a nano-dollar is no ceiling that a price could reach, so it is rounded down.
    private static long ReadPrice(JsonElement value, string param)
    {
        var price = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetDecimal(out var number) ? number : (decimal?)null,
            JsonValueKind.String => decimal.TryParse(value.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var text) ? text : null,
            _ => null,
        };
        return price is { } dollars and >= 0 and <= MostDollars
            ? (long)decimal.Floor(dollars * Money.NanoDollarsPerDollar)
            : throw RequestRefusedException.For(param, "it must be a price in dollars per million tokens, from 0 to 1000000");
    }

    private static void RefuseUnless(bool isNeutral, string param)
    {
        if (!isNeutral)
        {
            throw RequestRefusedException.Unsupported(param);
        }
    }
}
