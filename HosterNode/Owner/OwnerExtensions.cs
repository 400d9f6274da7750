namespace ComputeShare.HosterNode.Owner;

internal static class OwnerExtensions
{
    public static void AddOwnerFirst(this WebApplicationBuilder builder) => builder.Services.AddSingleton<OwnerFirst>();
}
