using System.Security.Cryptography;

namespace ComputeShare.Scheduler.Placement;

internal static class PlacementExtensions
{
    public static void AddPlacement(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(_ => new PowerOfTwoChoices(new Random(RandomNumberGenerator.GetInt32(int.MaxValue))));
        builder.Services.AddSingleton<PlacementEngine>();
        builder.Services.AddSingleton<Refusals>();
        builder.Services.AddSingleton<Reserver>();
    }
}
