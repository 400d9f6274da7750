using ComputeShare.HosterNode.Engines.BuiltIn;
using ComputeShare.HosterNode.Engines.OpenAI;

namespace ComputeShare.HosterNode.Engines;

internal static class EngineExtensions
{
    /// <summary>The engine at <c>Engine:Url</c>; the built-in one, which is not even loaded otherwise, where there is no such key.</summary>
    public static void AddEngine(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration[$"{OpenAIEngineOptions.Section}:{nameof(OpenAIEngineOptions.Url)}"]))
        {
            builder.AddBuiltInEngine();
        }
        else
        {
            builder.AddOpenAIEngine();
        }
    }
}
