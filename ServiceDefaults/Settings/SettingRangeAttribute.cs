using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace ComputeShare.ServiceDefaults.Settings;

/// <summary>
/// The range of a whole number or a duration, with a message that names the setting's key. <see cref="RangeAttribute"/> cannot: what
/// <c>[OptionsValidator]</c> generates in its place ignores ErrorMessage (.NET 10).
/// </summary>
/// <param name="key">Such as <c>Leases:Life</c>.</param>
/// <param name="minimum">The least value, as it stands in configuration.</param>
/// <param name="maximum">The greatest value.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingRangeAttribute(string key, string minimum, string maximum)
    : ValidationAttribute($"{key} must be from {minimum} to {maximum}.")
{
    public string Key => key;

    public string Minimum => minimum;

    public string Maximum => maximum;

    public override bool IsValid(object? value) => value switch
    {
        TimeSpan duration => duration >= TimeSpan.Parse(minimum, CultureInfo.InvariantCulture) && duration <= TimeSpan.Parse(maximum, CultureInfo.InvariantCulture),
        int number => number >= int.Parse(minimum, CultureInfo.InvariantCulture) && number <= int.Parse(maximum, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"{key} is neither a duration nor a whole number."),
    };
}
