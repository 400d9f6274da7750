using System.Net.Sockets;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Control;

internal static class ControlExtensions
{
    /// <summary>The owner's schedule and pauses; with <c>Node:Folder</c> also a socket in it, at which the node can be told.</summary>
    public static void AddControl(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<ControlOptions>, ControlOptionsValidator>();
        builder.Services.AddOptions<ControlOptions>().BindConfiguration(ControlOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<NodeControl>();
        builder.Services.AddHostedService<ScheduleWorker>();
        if (builder.Configuration[$"{ControlOptions.Section}:{nameof(ControlOptions.Folder)}"] is not { Length: > 0 } path)
        {
            return;
        }

        var folder = OwnerFolder.At(path);
        builder.Services.AddSingleton(folder);
        builder.Services.AddHostedService<ControlSocket>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(new UnixDomainSocketEndPoint(folder.SocketPath), PortRole.Control));
    }
}
