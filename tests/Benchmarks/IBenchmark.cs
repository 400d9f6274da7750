using System.Text.Json.Nodes;

namespace ComputeShare.Benchmarks;

/// <summary>One benchmark of <c>./bench</c>: prints a table for people, and answers the figures that are its last line.</summary>
internal interface IBenchmark
{
    string Name { get; }

    string Description { get; }

    Task<JsonObject> RunAsync(TextWriter table);
}
