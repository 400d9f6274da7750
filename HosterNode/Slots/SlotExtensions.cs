namespace ComputeShare.HosterNode.Slots;

internal static class SlotExtensions
{
    public static void AddSlots(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SlotTable>();
        builder.Services.AddHostedService<DrainOnStop>();
    }
}
