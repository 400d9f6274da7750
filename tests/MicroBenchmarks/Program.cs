using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using ComputeShare.Benchmarks;
using ComputeShare.MicroBenchmarks;

// In this process: another would have to be built first, which takes longer than all the measuring.
var job = Job.Default.WithToolchain(InProcessNoEmitToolchain.DontLogOutput).WithWarmupCount(6).WithIterationCount(12);
var config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddLogger(ConsoleLogger.Default)
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Statistics, DefaultColumnProviders.Params, DefaultColumnProviders.Metrics)
    .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "computeshare-micro"))
    .WithOptions(ConfigOptions.DisableLogFile);
var report = new List<string>();
foreach (var type in (Type[])[typeof(TokenBenchmarks), typeof(EventBenchmarks), typeof(FrameBenchmarks), typeof(RequestBenchmarks), typeof(NodeBenchmarks), typeof(PlacementBenchmarks)])
{
    var summary = BenchmarkRunner.Run(type, config);
    if (summary.HasCriticalValidationErrors || summary.Reports.Any(result => !result.Success))
    {
        return 1;
    }

    var table = new AccumulationLogger();
    MarkdownExporter.GitHub.ExportToLog(summary, table);
    var rows = table.GetLog().Split('\n').Where(line => line.StartsWith('|')).ToList();
    report.AddRange([.. report.Count == 0 ? [$"`{summary.HostEnvironmentInfo.Cpu.Value?.ProcessorName}`, .NET {Environment.Version}"] : Array.Empty<string>(), "", .. rows.Select(row => row.TrimEnd())]);
}

await BenchmarkPage.WriteAsync("micro", report);
return 0;
