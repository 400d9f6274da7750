using System.Text.RegularExpressions;
using ComputeShare.TestSupport;

namespace ComputeShare.Operations.Tests.Documentation;

/// <summary>Whoever sets an alarm on an event, by id or by name, gets that one and no other.</summary>
public sealed partial class EventIdTests
{
    [Theory]
    [InlineData("Gateway", '1')]
    [InlineData("Scheduler", '2')]
    [InlineData("HosterNode", '3')]
    [InlineData("Billing", '4')]
    [InlineData("ServiceDefaults", '9')]
    public void Events_OfAService_HaveAnIdOfItsBlockAndANameOfTheirOwn(string service, char block)
    {
        var events = Directory.EnumerateFiles(Repository.PathOf(service), "*Log.cs", SearchOption.AllDirectories)
            .SelectMany(file => Event().Matches(File.ReadAllText(file)))
            .Select(match => (Id: match.Groups["id"].Value, Name: match.Groups["name"].Value))
            .ToArray();

        Assert.NotEmpty(events);
        Assert.All(events, logged => Assert.True(logged.Id.Length == 4 && logged.Id[0] == block, $"{logged}"));
        Assert.Empty(events.GroupBy(logged => logged.Id).Where(same => same.Count() > 1).Select(same => same.Key));
        Assert.Empty(events.GroupBy(logged => logged.Name).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [GeneratedRegex(@"EventId = (?<id>\d+), EventName = ""(?<name>\w+)""")]
    private static partial Regex Event();
}
