using System.Reflection;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ComputeShare.Operations.Tests.Options;

/// <summary>Whoever sets a value that cannot be is told which key it is, at the start.</summary>
public sealed class ValidationTests
{
    public static TheoryData<string> Numbers => [.. Setting.All
        .Where(setting => setting.IsDirect && Extremes(setting.Property.PropertyType).Length > 0)
        .Select(setting => setting.Key).Distinct()];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Number_BelowAndAboveItsRange_IsRefusedByItsKey(string key)
    {
        var setting = Setting.Find(key);
        foreach (var extreme in Extremes(setting.Property.PropertyType))
        {
            var options = Activator.CreateInstance(setting.Options)!;
            setting.Property.SetValue(options, extreme);

            Assert.Contains(Failures(options), failure => failure.Contains(key, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Defaults_OfEveryNumber_AreInRange()
    {
        foreach (var setting in Setting.All.Where(setting => setting.IsDirect && Extremes(setting.Property.PropertyType).Length > 0))
        {
            var isRequired = setting.Default is null;
            Assert.DoesNotContain(
                Failures(Activator.CreateInstance(setting.Options)!),
                failure => failure.Contains(setting.Key, StringComparison.Ordinal) && !isRequired);
        }
    }

    [Theory]
    [InlineData("Services:Secret", "")]
    [InlineData("Services:Secret", "too short")]
    [InlineData("Settlement:SpoolPath", "")]
    [InlineData("Node:Id", "")]
    [InlineData("Node:Id", "a b")]
    [InlineData("Node:DialToken", "too short")]
    [InlineData("Engine:BuiltIn:ModelPath", "")]
    [InlineData("Ports:Address", "localhost")]
    [InlineData("Ports:PublicAddress", "localhost")]
    [InlineData("ConnectionStrings:redis", "")]
    [InlineData("Ports:Tls:Certificate", "/no/such/file.pem")]
    [InlineData("Ports:Tls:Key", "/no/such/file.pem")]
    public void Text_ThatCannotBe_IsRefusedByItsKeyAndNotRepeated(string key, string text)
    {
        var setting = Setting.Find(key);
        var options = Activator.CreateInstance(setting.Options)!;
        setting.Property.SetValue(options, text);

        var failures = Failures(options);
        Assert.Contains(failures, failure => failure.Contains(key, StringComparison.Ordinal));
        Assert.DoesNotContain(failures, failure => text.Length > 0 && failure.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Values that no setting takes; none for what is no number.</summary>
    private static object[] Extremes(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var number when number == typeof(int) => [int.MinValue, int.MaxValue],
        var number when number == typeof(double) => [double.MinValue, double.MaxValue],
        var number when number == typeof(TimeSpan) => [TimeSpan.MinValue, TimeSpan.MaxValue],
        _ => [],
    };

    private static List<string> Failures(object options)
    {
        var contract = typeof(IValidateOptions<>).MakeGenericType(options.GetType());
        return
        [
            .. from validator in options.GetType().Assembly.GetTypes()
               where validator.IsAssignableTo(contract)
               let result = (ValidateOptionsResult)contract.GetMethod("Validate")!.Invoke(Create(validator), [null, options])!
               from failure in result.Failures ?? []
               select failure,
        ];
    }

    // A service's own ports are given to the validator; here all are asked for. What else is configured: nothing.
    private static object Create(Type validator)
    {
        var constructor = Assert.Single(validator.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance));
        return constructor.Invoke([.. constructor.GetParameters().Select(object (parameter) =>
            parameter.ParameterType == typeof(IConfiguration) ? new ConfigurationBuilder().Build() : Enum.GetValues<PortRole>())]);
    }
}
