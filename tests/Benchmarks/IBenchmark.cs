using System.Text.Json.Nodes;

namespace ComputeShare.Benchmarks;

/// <summary>One benchmark of <c>./bench</c>: prints a table for people, and answers the figures that are its last line.</summary>
internal interface IBenchmark
{
    string Name { get; }

    string Description { get; }

    /// <summary>What stands behind the name on the command line.</summary>
    /// <returns>False: not understood.</returns>
    bool TryConfigure(IReadOnlyList<string> options) => options.Count == 0;

    Task<JsonObject> RunAsync(TextWriter table);
}
