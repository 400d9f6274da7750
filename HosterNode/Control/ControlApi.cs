using System.Text.Json;
using System.Text.Json.Serialization;
using ComputeShare.HosterNode.Reporting;
using ComputeShare.ServiceDefaults.Ports;

namespace ComputeShare.HosterNode.Control;

/// <summary>What the owner's commands say to the node over its socket; each answer is the node's status after it.</summary>
internal static class ControlApi
{
    public static class Paths
    {
        public const string Status = "/status";
        public const string Pause = "/pause";
        public const string Resume = "/resume";
        public const string Drain = "/drain";
        public const string Schedule = "/schedule";
    }

    public static void MapControl(this WebApplication app)
    {
        app.MapGet(Paths.Status, AnswerAsync).ServedOn(PortRole.Control);
        app.MapPost(Paths.Pause, context => ActAsync(context, control => control.Pause())).ServedOn(PortRole.Control);
        app.MapPost(Paths.Resume, ResumeAsync).ServedOn(PortRole.Control);
        app.MapPost(Paths.Drain, context => ActAsync(context, control => control.Drain())).ServedOn(PortRole.Control);
        app.MapPut(Paths.Schedule, SetScheduleAsync).ServedOn(PortRole.Control);
    }

    private static Task ActAsync(HttpContext context, Action<NodeControl> act)
    {
        act(context.RequestServices.GetRequiredService<NodeControl>());
        return AnswerAsync(context);
    }

    private static Task ResumeAsync(HttpContext context) =>
        context.RequestServices.GetRequiredService<NodeControl>().State == ControlState.Draining
            ? RefuseAsync(context, StatusCodes.Status409Conflict, "The node ends with what runs; start it again.", param: null)
            : ActAsync(context, control => control.Resume());

    private static async Task SetScheduleAsync(HttpContext context)
    {
        var wish = await ReadAsync(context);
        if (wish?.Windows is not { } windows || Schedule.TryParse(windows) is not { } schedule)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"The schedule must be {Schedule.Shape}.", "windows");
            return;
        }

        await ActAsync(context, control => control.Set(schedule));
    }

    private static async Task<ScheduleWish?> ReadAsync(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFromJsonAsync(ControlJsonContext.Default.ScheduleWish, context.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var status = await context.RequestServices.GetRequiredService<NodeStatusReader>().ReadAsync(context.RequestAborted);
        await context.Response.WriteAsJsonAsync(status, NodeStatusJsonContext.Default.NodeStatus, cancellationToken: context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, int status, string message, string? param)
    {
        context.Response.StatusCode = status;
        var refusal = new ControlRefused(new ControlError(message, "invalid_request_error", param, Code: null));
        return context.Response.WriteAsJsonAsync(refusal, ControlJsonContext.Default.ControlRefused, cancellationToken: context.RequestAborted);
    }
}

internal sealed record ScheduleWish(string? Windows);

/// <summary>An error as everywhere in the product.</summary>
internal sealed record ControlRefused(ControlError? Error);

internal sealed record ControlError(string? Message, string? Type, string? Param, string? Code);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ScheduleWish))]
[JsonSerializable(typeof(ControlRefused))]
internal sealed partial class ControlJsonContext : JsonSerializerContext;
