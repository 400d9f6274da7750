using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>How tokens are chosen: checked, and written again for the node.</summary>
internal sealed class SamplingFields(Utf8JsonWriter work, RequiredCapabilities required)
{
    private const int MostLogitBiases = 1024;
    private const int MostTokenIdDigits = 10;

    /// <returns>False: not one of these.</returns>
    public bool TryRead(JsonProperty field)
    {
        var (name, value) = (field.Name, field.Value);
        switch (name)
        {
            case "temperature":
                work.WriteNumber(name, value.ReadNumber(name, 0, 2));
                return true;
            case "top_p":
                work.WriteNumber(name, value.ReadNumber(name, 0, 1));
                return true;
            case "seed":
                work.WriteNumber(name, value.ReadInteger(name, long.MinValue, long.MaxValue));
                required.Add("seed", name);
                return true;
            case "presence_penalty" or "frequency_penalty":
                WritePenalty(name, value.ReadNumber(name, -2, 2));
                return true;
            case "logit_bias":
                WriteLogitBias(value);
                return true;
            default:
                return TryReadExtension(name, value);
        }
    }

    // Fields of engines that OpenAI's API does not have. With the value that changes nothing they ask for nothing.
    private bool TryReadExtension(string name, JsonElement value)
    {
        switch (name)
        {
            case "top_k" or "min_tokens":
                WriteExtension(name, value.ReadInteger(name, 0, int.MaxValue), neutral: 0);
                return true;
            case "min_p":
                WriteExtension(name, value.ReadNumber(name, 0, 1), neutral: 0);
                return true;
            case "typical_p":
                WriteExtension(name, value.ReadNumber(name, 0, 1), neutral: 1);
                return true;
            case "repetition_penalty":
                WriteExtension(name, value.ReadNumber(name, 0.01, 10), neutral: 1);
                return true;
            default:
                return false;
        }
    }

    private void WriteExtension(string name, double value, double neutral)
    {
        if (value != neutral)
        {
            work.WriteNumber(name, value);
            required.Add(name, name);
        }
    }

    private void WritePenalty(string name, double penalty)
    {
        work.WriteNumber(name, penalty);
        if (penalty != 0)
        {
            required.Add("penalties", name);
        }
    }

    private void WriteLogitBias(JsonElement value)
    {
        var biases = value.ReadObject("logit_bias").EnumerateObject().ToArray();
        if (biases.Length > MostLogitBiases)
        {
            throw RequestRefusedException.For("logit_bias", $"at most {MostLogitBiases} tokens are accepted");
        }

        if (biases.Length == 0)
        {
            return;
        }

        work.WriteStartObject("logit_bias");
        foreach (var bias in biases)
        {
            if (bias.Name.Length is 0 or > MostTokenIdDigits || !bias.Name.All(char.IsAsciiDigit))
            {
                throw RequestRefusedException.For("logit_bias", "its names must be token ids");
            }

            work.WriteNumber(bias.Name, bias.Value.ReadNumber("logit_bias", -100, 100));
        }

        work.WriteEndObject();
        required.Add("logit_bias", "logit_bias");
    }
}
