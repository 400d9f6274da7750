namespace ComputeShare.Billing.Nodes;

internal static class NodeExtensions
{
    public static WebApplicationBuilder AddNodes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<NodeRegistrar>();
        return builder;
    }
}
