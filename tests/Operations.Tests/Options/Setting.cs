using System.Reflection;
using ComputeShare.ServiceDefaults.Settings;

namespace ComputeShare.Operations.Tests.Options;

/// <summary>One thing that an operator can configure, found in the services' options classes.</summary>
/// <param name="Key">As configuration writes it: <c>Leases:Life</c>; <c>0</c> for an index.</param>
/// <param name="Options">The class that is validated.</param>
/// <param name="Property">The property itself.</param>
/// <param name="Default">What it is when it is not set.</param>
public sealed record Setting(string Key, Type Options, PropertyInfo Property, object? Default)
{
    private static readonly string[] Services = ["Gateway", "Scheduler", "Billing", "HosterNode", "ServiceDefaults"];

    // Whose key is not section and property: taken from the connection strings, and a list that is the section itself.
    private static readonly Dictionary<string, string> Renamed = new()
    {
        ["Redis:ConnectionString"] = "ConnectionStrings:redis",
        ["Nodes:Configured:0"] = "Nodes:0",
    };

    public SettingRangeAttribute? Range => Property.GetCustomAttribute<SettingRangeAttribute>();

    /// <summary>Declared by the class itself, not by a part of it.</summary>
    public bool IsDirect => Property.DeclaringType == Options;

    public static IReadOnlyList<Setting> All { get; } =
    [
        .. from service in Services
           from type in Assembly.Load($"ComputeShare.{service}").GetTypes()
           let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static | BindingFlags.FlattenHierarchy)
           where section is { IsLiteral: true } && type.Name.EndsWith("Options", StringComparison.Ordinal)
           from setting in Of(type, type, (string)section.GetRawConstantValue()!)
           orderby setting.Key
           select setting,
    ];

    public static Setting Find(string key) => All.First(setting => setting.Key == key);

    private static IEnumerable<Setting> Of(Type options, Type type, string path)
    {
        var instance = Activator.CreateInstance(type);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var key = $"{path}:{property.Name}";
            var part = property.PropertyType;
            if (part.IsGenericType && part.GetGenericTypeDefinition() == typeof(IList<>))
            {
                key += ":0";
                part = part.GetGenericArguments()[0];
            }

            key = Renamed.GetValueOrDefault(key, key);
            var isPart = part.Assembly.GetName().Name!.StartsWith("ComputeShare.", StringComparison.Ordinal) && part.IsClass;
            if (isPart)
            {
                foreach (var inner in Of(options, part, key))
                {
                    yield return inner;
                }
            }
            else if (property.SetMethod is { IsPublic: true } || part != property.PropertyType)
            {
                yield return new Setting(key, options, property, property.GetValue(instance));
            }
        }
    }
}
