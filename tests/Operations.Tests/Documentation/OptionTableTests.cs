using ComputeShare.Operations.Tests.Options;

namespace ComputeShare.Operations.Tests.Documentation;

/// <summary>Every option that the services have is on the page, with the default and the range that the code has.</summary>
public sealed class OptionTableTests
{
    // Faults are for tests: Production refuses them, and the page says so once.
    public static TheoryData<string> Keys =>
        [.. Setting.All.Select(setting => setting.Key).Where(key => !key.Contains(":Faults:", StringComparison.Ordinal)).Distinct()];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Option_OfAnyService_IsOnThePage(string key) => Assert.Contains(OperationsPage.Rows, row => OperationsPage.Code(row[0]) == key);

    [Theory]
    [MemberData(nameof(Keys))]
    public void Option_WithANumber_HasTheCodesDefaultAndRange(string key)
    {
        var setting = Setting.Find(key);
        foreach (var row in OperationsPage.Rows.Where(row => OperationsPage.Code(row[0]) == key))
        {
            // Another number on every machine.
            if (setting.Default is int or long or TimeSpan && key != "Engine:BuiltIn:Threads")
            {
                Assert.Equal(OperationsPage.Shown(setting.Default), row[1]);
            }

            if (setting.Range is { } range)
            {
                Assert.Equal($"{OperationsPage.ShownBound(range.Minimum)} to {OperationsPage.ShownBound(range.Maximum)}", row[2]);
            }
        }
    }
}
