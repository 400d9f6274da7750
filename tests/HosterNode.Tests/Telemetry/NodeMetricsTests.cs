using System.Diagnostics.Metrics;
using ComputeShare.HosterNode.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.HosterNode.Tests.Telemetry;

[Trait("Category", "Integration")]
public sealed class NodeMetricsTests
{
    [Fact]
    public async Task Metrics_WhatANodeExports_IsItsOwnAndNotTheWebServers()
    {
        // Nothing listens there: what is asked for here is only which instruments are measured.
        await using var node = await RunningNode.StartAsync("--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1");
        await node.GenerateAsync(RunningNode.Chat("""{"messages":[{"role":"user","content":"hello"}]}""", maxTokens: 1));
        var factory = node.Services.GetRequiredService<IMeterFactory>();
        var measured = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Enabled)
            {
                measured.Add($"{instrument.Meter.Name} {instrument.Name}");
            }
        };

        listener.Start();

        Assert.Contains($"{HosterNodeTelemetry.Name} computeshare.hosternode.tokens", measured);
        Assert.DoesNotContain(measured, name => name.Contains(" http.", StringComparison.Ordinal) || name.Contains(" kestrel.", StringComparison.Ordinal));
    }
}
