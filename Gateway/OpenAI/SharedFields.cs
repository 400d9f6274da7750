using System.Text.Json;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// Fields that the generating operations have in common: which model, how it is sampled, how the answer comes. An operation's own fields are
/// read before these; a field that nobody knows is ignored, and named to the caller.
/// </summary>
internal sealed class SharedFields(Utf8JsonWriter work, RequiredCapabilities required)
{
    private const int MostStops = 4;
    private const int MostStopCharacters = 256;

    private readonly List<string> _ignored = [];
    private readonly ModelFields _models = new();
    private readonly SamplingFields _sampling = new(work, required);
    private bool? _includeUsage;

    public IReadOnlyList<string> Ignored => _ignored;

    public bool Stream { get; private set; }

    public bool IncludeUsage => _includeUsage == true;

    public IReadOnlyList<string> Stop { get; private set; } = [];

    public ProviderPreferences? Provider { get; private set; }

    public void Ignore(string name) => _ignored.Add(name);

    public void Read(JsonProperty field)
    {
        var (name, value) = (field.Name, field.Value);
        switch (name)
        {
            case "stream":
                Stream = value.ReadBoolean(name);
                break;
            case "stream_options":
                ReadStreamOptions(value);
                break;
            case "provider":
                Provider = ProviderPreferencesReader.Read(value, Ignore);
                break;
            case "stop":
                ReadStop(value);
                break;
            default:
                if (!_models.TryRead(field) && !_sampling.TryRead(field) && !CallerFields.TryRead(field) && !NeutralFields.Accepts(field))
                {
                    Ignore(name);
                }

                break;
        }
    }

    /// <summary>The models asked for, best first; checks what only all fields together can show.</summary>
    public IReadOnlyList<string> Finish()
    {
        var models = _models.Finish();
        if (Provider is { RequireParameters: true } && _ignored is [var unknown, ..])
        {
            throw RequestRefusedException.For("provider.require_parameters", $"nobody knows '{RequestRefusedException.Shown(unknown)}'");
        }

        return _includeUsage is null || Stream
            ? models
            : throw RequestRefusedException.For("stream_options", "it is only allowed when 'stream' is true");
    }

    private void ReadStreamOptions(JsonElement value)
    {
        _includeUsage = false;
        foreach (var option in value.ReadObject("stream_options").EnumerateObject().Where(option => option.Value.ValueKind != JsonValueKind.Null))
        {
            var param = $"stream_options.{option.Name}";
            if (option.Name == "include_usage")
            {
                _includeUsage = option.Value.ReadBoolean(param);
            }
            else if (option.Name != "include_obfuscation" || option.Value.ReadBoolean(param))
            {
                // Padding against guessing tokens by their length is not made here (WIRE 51).
                Ignore(param);
            }
        }
    }

    private void ReadStop(JsonElement value)
    {
        Stop = value.ReadStrings("stop");
        if (Stop.Count > MostStops || Stop.Any(stop => stop.Length is 0 or > MostStopCharacters))
        {
            throw RequestRefusedException.For("stop", $"at most {MostStops} texts of 1 to {MostStopCharacters} characters are accepted");
        }
    }
}
