using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Telemetry;

/// <summary>What metrics are labelled with, of all meters in the process: nothing that a caller wrote.</summary>
[Trait("Category", "Integration")]
public sealed class MetricsSecrecyTests(RedisServer redis)
{
    private const string Word = "zq-a-word-of-the-prompt";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Labels_OfServedAndFailedRequests_HaveNothingOfThem()
    {
        var labels = new ConcurrentDictionary<string, bool>();
        using var listener = Listen(labels);
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Says(frames, Word);

        foreach (var (body, status) in new[]
        {
            (Wire.Ask.Replace("Hi", Word, StringComparison.Ordinal), HttpStatusCode.OK),
            (Wire.AskStream.Replace("Hi", Word, StringComparison.Ordinal), HttpStatusCode.OK),
            ($"{{\"model\":\"{Word}\",\"temperature\":9}}", HttpStatusCode.BadRequest),
            ($"{{\"{Word}", HttpStatusCode.BadRequest),
        })
        {
            using var response = await market.PostAsync(body);
            Assert.Equal(status, response.StatusCode);
        }

        using var lost = await market.PostAsync(Wire.Ask, path: $"/v1/{Word}?key={Word}");
        Assert.Equal(HttpStatusCode.NotFound, lost.StatusCode);
        await market.Billing.SettledAsync(Token);
        listener.RecordObservableInstruments();

        // Ours are among them, and the server's.
        Assert.Contains("gen_ai.response.model=computeshare/tiny", labels.Keys);
        Assert.Contains(labels.Keys, label => label.StartsWith("http.route=", StringComparison.Ordinal));
        Assert.DoesNotContain(labels.Keys, label => label.Contains(Word, StringComparison.Ordinal) || label.Contains(market.Billing.Key, StringComparison.Ordinal));
    }

    private static MeterListener Listen(ConcurrentDictionary<string, bool> labels)
    {
        var listener = new MeterListener { InstrumentPublished = static (instrument, self) => self.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<byte>((_, _, tags, _) => Add(tags));
        listener.SetMeasurementEventCallback<int>((_, _, tags, _) => Add(tags));
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Add(tags));
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Add(tags));
        listener.Start();
        return listener;

        void Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var (key, value) in tags)
            {
                labels[$"{key}={value}"] = true;
            }
        }
    }
}
