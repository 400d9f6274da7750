using System.Text.Json;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// Fields that the operations have in common: which model, how it is sampled, how the answer comes. An operation's own fields are read
/// before these; a field that nobody knows is ignored, and named to the caller.
/// </summary>
internal sealed class SharedFields(Utf8JsonWriter work, string capability)
{
    private const int MostModels = 8;
    private const int MostModelCharacters = 256;
    private const int MostStops = 4;
    private const int MostStopCharacters = 256;

    private readonly List<string> _ignored = [];
    private readonly RequiredCapabilities _required = Requiring(capability);
    private SamplingFields? _sampling;
    private string? _model;
    private IReadOnlyList<string> _models = [];
    private bool? _includeUsage;

    public RequiredCapabilities Required => _required;

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
            case "model":
                _model = ReadModel(value, name);
                break;
            case "models":
                _models = value.ReadStrings(name);
                break;
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
                ReadOther(field);
                break;
        }
    }

    /// <summary>The models asked for, best first; checks what only all fields together can show.</summary>
    public IReadOnlyList<string> Finish()
    {
        if (_includeUsage is not null && !Stream)
        {
            throw RequestRefusedException.For("stream_options", "it is only allowed when 'stream' is true");
        }

        if (_models.Count > MostModels)
        {
            throw RequestRefusedException.For("models", $"at most {MostModels} are accepted");
        }

        var models = _models.Select((model, index) => CheckModel(model, $"models[{index}]"));
        IReadOnlyList<string> all = [.. (_model is null ? models : models.Prepend(_model)).Distinct()];
        return all.Count > 0 ? all : throw RequestRefusedException.Missing("model");
    }

    private static RequiredCapabilities Requiring(string capability)
    {
        var required = new RequiredCapabilities();
        required.Add(capability, "model");
        return required;
    }

    private static string ReadModel(JsonElement value, string param) => CheckModel(value.ReadString(param), param);

    private static string CheckModel(string model, string param) =>
        model.Length is 0 or > MostModelCharacters || model.Any(char.IsControl)
            ? throw RequestRefusedException.For(param, $"it must have 1 to {MostModelCharacters} characters")
            : model;

    private void ReadStreamOptions(JsonElement value)
    {
        _includeUsage = false;
        foreach (var option in value.ReadObject("stream_options").EnumerateObject().Where(option => option.Value.ValueKind != JsonValueKind.Null))
        {
            if (option.Name == "include_usage")
            {
                _includeUsage = option.Value.ReadBoolean("stream_options.include_usage");
            }
            else if (option.Name != "include_obfuscation" || option.Value.ReadBoolean("stream_options.include_obfuscation"))
            {
                Ignore($"stream_options.{option.Name}");
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

    private void ReadOther(JsonProperty field)
    {
        _sampling ??= new SamplingFields(work, _required);
        if (!_sampling.TryRead(field) && !CallerFields.TryRead(field) && !NeutralFields.Accepts(field))
        {
            Ignore(field.Name);
        }
    }
}
