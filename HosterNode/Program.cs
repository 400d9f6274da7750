using ComputeShare.HosterNode.CommandLine;

namespace ComputeShare.HosterNode;

internal static class Program
{
    public static Task<int> Main(string[] args) => NodeCommandLine.RunAsync(args);

    internal static WebApplication Build(string[] args) => NodeService.Build(WebApplication.CreateBuilder(args));
}
