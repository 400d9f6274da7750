using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Placement;

internal static class PlacementExtensions
{
    public static void AddPlacement(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<ScoreOptions>, ScoreOptionsValidator>();
        builder.Services.AddOptions<ScoreOptions>().BindConfiguration(ScoreOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<StaticScores>();
        builder.Services.AddSingleton<PlacementScores>();
        builder.Services.AddSingleton(services => new PowerOfTwoChoices(
            new Random(RandomNumberGenerator.GetInt32(int.MaxValue)), services.GetRequiredService<PlacementScores>()));
        builder.Services.AddSingleton<PlacementEngine>();
        builder.Services.AddSingleton<Explanations>();
        builder.Services.AddSingleton<Refusals>();
        builder.Services.AddSingleton<SlotTaker>();
        builder.Services.AddSingleton<Reserver>();
    }
}
